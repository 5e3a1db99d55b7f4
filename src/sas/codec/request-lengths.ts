/** How long each host message is: what a machine or a line monitor must know to find its end (SAS.md 6.9). */

/** Bytes of the whole request, address and CRC included; or its length is in byte 2. */
export type RequestLength = number | 'LENGTH_BYTE';

/** Address, command, length byte and CRC around `L` bytes of data. */
export const LENGTH_BYTE_OVERHEAD = 5;

/** The longest frame there is: L = 255. */
export const LONGEST_FRAME = 0xff + LENGTH_BYTE_OVERHEAD;

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const TYPE_R_LENGTH = 2;

const TYPE_R = [
  ...range(0x0f, 0x1c),
  ...[0x1e, 0x1f, 0x20],
  ...range(0x2a, 0x2c),
  ...range(0x31, 0x4a),
  ...[0x4f, 0x51],
  ...range(0x54, 0x57),
  ...[0x70, 0x7e, 0x84, 0x85, 0x87],
  ...range(0x8e, 0x90),
  ...range(0xb1, 0xb3),
];

const BY_LENGTH: readonly (readonly [RequestLength, readonly number[]])[] = [
  [TYPE_R_LENGTH, TYPE_R],
  [4, [...range(0x01, 0x07), 0x0a, 0x0b, 0x94]],
  [5, [0x0e, 0x4d, 0x50, 0xa8, 0xaa]],
  [6, [0x21, 0x2d, 0x2e, 0x52, 0x53, 0x83, ...range(0x95, 0x9a), 0xa0, 0xa4, 0xb5]],
  [7, [0x09]],
  [8, [0x74, 0xb4]],
  [9, [0x08, 0x8a]],
  [10, [0x4c]],
  [11, [0x7f, 0x80]],
  [13, [0x58, 0x8c]],
  ['LENGTH_BYTE', [0x2f, 0x6e, 0x6f, 0x71, 0x72, 0x73, 0x75, 0x76, 0x7b, 0x7c, 0x7d, 0x86, 0xaf, 0xb0, 0xb7]],
];

const LENGTHS: ReadonlyMap<number, RequestLength> = new Map(
  BY_LENGTH.flatMap(([length, codes]) => codes.map((code) => [code, length] as const)),
);

/** Null when the length of that command is not known: its end is the next message start. */
export const requestLengthOf = (code: number): RequestLength | null => LENGTHS.get(code) ?? null;

/** Whether a request ends with a CRC: all but type R, which is two bytes long, do. */
export const requestHasCrc = (code: number): boolean => requestLengthOf(code) !== TYPE_R_LENGTH;
