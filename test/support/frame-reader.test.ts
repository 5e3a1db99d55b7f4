import { expect, test } from 'vitest';
import { createFrameReader } from './frame-reader.ts';

/** A frame of a server with a payload of so many bytes. */
function frame(opcode: number, bytes: number): Buffer {
  const head = Buffer.from([0x80 | opcode, Math.min(bytes, 125)]);
  if (bytes <= 125) return Buffer.concat([head, Buffer.alloc(bytes, 0x81)]);
  const isLong = bytes > 0xffff;
  head[1] = isLong ? 127 : 126;
  const length = Buffer.alloc(isLong ? 8 : 2);
  if (isLong) length.writeBigUInt64BE(BigInt(bytes));
  else length.writeUInt16BE(bytes);
  return Buffer.concat([head, length, Buffer.alloc(bytes, 0x81)]);
}

const STREAM = Buffer.concat([
  frame(1, 0),
  frame(1, 125),
  frame(9, 0),
  frame(1, 126),
  frame(1, 70_000),
  frame(8, 2),
]);
const OPCODES = [1, 1, 9, 1, 1, 8];

const read = (...chunks: readonly Buffer[]): number[] => {
  const opcodes: number[] = [];
  const feed = createFrameReader((opcode) => opcodes.push(opcode));
  for (const chunk of chunks) feed(chunk);
  return opcodes;
};

test('frames of every length are counted, however the stream is cut', () => {
  expect(read(STREAM)).toEqual(OPCODES);
  for (let cut = 1; cut < STREAM.length; cut += cut < 1_000 ? 1 : 997)
    expect(read(STREAM.subarray(0, cut), STREAM.subarray(cut)), `cut at ${cut}`).toEqual(OPCODES);
  expect(read(...Array.from(STREAM, (byte) => Buffer.from([byte])))).toEqual(OPCODES);
});

test('a frame that has not wholly come is not counted', () => {
  expect(read(frame(1, 300).subarray(0, 303))).toEqual([]);
});
