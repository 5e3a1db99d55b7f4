import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { UploadRejectedError } from '../../src/signage/errors.ts';
import { type Pace, paced } from '../../src/signage/paced-body.ts';
import { withDeadline } from '../support/deadline.ts';

async function read(body: AsyncIterable<Uint8Array>, pace: Pace): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of paced(body, pace)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

const rejectionOf = async (reading: Promise<unknown>) => {
  const error = await withDeadline(
    reading.catch((refusal: unknown) => refusal),
    30_000,
    'the end of a body',
  );
  return error instanceof UploadRejectedError ? error.rejection : error;
};

const SLOW: Pace = { idleMs: 20_000, minBytesPerSecond: 1 };

test('what comes in time is read whole', async () => {
  const body = new PassThrough();
  const reading = read(body.iterator({ destroyOnReturn: false }), SLOW);
  for (const piece of ['a', 'b', 'c']) body.write(piece);
  body.end();
  expect(await reading).toBe('abc');
});

test('a body that stands still is given up, and its stream is left to who holds it', async () => {
  const body = new PassThrough();
  body.write('a');
  const pace = { idleMs: 50, minBytesPerSecond: 1_000_000 };
  expect(await rejectionOf(read(body.iterator({ destroyOnReturn: false }), pace))).toBe('TOO_SLOW');
  expect(body.destroyed).toBe(false);
});

test('a body that trickles is given up, though it never stands still', async () => {
  let pieces = 0;
  async function* trickle() {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      pieces += 1;
      yield Buffer.from('a');
    }
  }
  expect(await rejectionOf(read(trickle(), { idleMs: 200, minBytesPerSecond: 1_000 }))).toBe('TOO_SLOW');
  expect(pieces).toBeGreaterThan(1);
});

test('a body that breaks off says so', async () => {
  const body = new PassThrough();
  const reading = rejectionOf(read(body.iterator({ destroyOnReturn: false }), SLOW));
  body.write('a');
  body.destroy(new Error('aborted'));
  expect(await reading).toBe('INCOMPLETE');
});
