/** Bytes of a whole request, address and CRC included; or its length is in byte 2. */
export type RequestLength = number | 'LENGTH_BYTE';
