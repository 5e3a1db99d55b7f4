/** How long each host message is: what a machine or a line monitor must know to find its end (SAS.md 6.9). */
import { LONG_POLLS } from './poll-table.ts';

/** Bytes of the whole request, address and CRC included; or its length is in byte 2. */
export type RequestLength = number | 'LENGTH_BYTE';

/** Address, command, length byte and CRC around `L` bytes of data. */
export const LENGTH_BYTE_OVERHEAD = 5;

/** The longest frame there is: L = 255. */
export const LONGEST_FRAME = 0xff + LENGTH_BYTE_OVERHEAD;

const HEAD_BYTES = 2;
const CRC_BYTES = 2;

/** Requests whose length is known and whose fields are not. */
const WITHOUT_A_ROW: readonly (readonly [code: number, length: RequestLength])[] = [
  [0x21, 6],
  [0x74, 8],
  [0x8e, 2],
  [0x8f, 2],
  [0x6e, 'LENGTH_BYTE'],
  [0x72, 'LENGTH_BYTE'],
  [0x73, 'LENGTH_BYTE'],
  [0x75, 'LENGTH_BYTE'],
  [0x76, 'LENGTH_BYTE'],
  [0xb0, 'LENGTH_BYTE'],
];

const LENGTHS: ReadonlyMap<number, RequestLength> = new Map([
  ...WITHOUT_A_ROW,
  ...Array.from(LONG_POLLS.values(), ({ code, type, request }): readonly [number, RequestLength] => {
    const bytes = HEAD_BYTES + (request.field.size ?? 0) + (type === 'R' ? 0 : CRC_BYTES);
    return [code, request.lengthByte ? 'LENGTH_BYTE' : bytes];
  }),
]);

/** Null when the length of that command is not known: its end is the next message start. */
export const requestLengthOf = (code: number): RequestLength | null => LENGTHS.get(code) ?? null;

/** Whether a request ends with a CRC: all but type R, which is two bytes long, do. */
export const requestHasCrc = (code: number): boolean => requestLengthOf(code) !== HEAD_BYTES;
