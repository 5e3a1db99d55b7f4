import { expect, test } from 'vitest';
import type { BoundReading } from '../../src/signage/bound-value-store.ts';
import { createWatchedValue, type ShownValue } from '../../src/signage/watched-value.ts';
import { eventually } from '../support/deadline.ts';

interface Read {
  answer(text: string, until?: Date): void;
  fail(): void;
}

/** A value that is read when the test says so. */
function aValue() {
  const reads: Read[] = [];
  const errors: unknown[] = [];
  const value = createWatchedValue({
    read: () =>
      new Promise<BoundReading>((resolve, reject) => {
        reads.push({
          answer: (dataText, until) =>
            resolve({
              value: { kind: 'CHANNEL', type: 'test', dataText, sentAt: new Date(0) },
              until: until ?? null,
            }),
          fail: () => reject(new Error('away')),
        });
      }),
    onError: (error) => void errors.push(error),
  });
  return {
    value,
    reads,
    errors,
    /** The read of this number, once it has begun. */
    read: (number: number) => eventually(() => reads[number]),
  };
}

const textOf = ({ value }: ShownValue) => (value?.kind === 'CHANNEL' ? value.dataText : null);

test('all who want it at a time get one reading, and who comes later the same while nothing happens', async () => {
  const { value, reads } = aValue();
  const heard: unknown[] = [];
  value.add((shown) => heard.push(textOf(shown)));
  const wanted = [value.get(), value.get(), value.get()];
  reads[0]?.answer('1');
  expect((await Promise.all(wanted)).map(textOf)).toEqual(['1', '1', '1']);
  expect(textOf(await value.get())).toBe('1');
  expect(reads).toHaveLength(1);
  // Who asked was answered: nobody is told it twice.
  expect(heard).toEqual([]);
});

test('what happens while it is read is read as well, and only what is another is heard', async () => {
  const { value, reads, read } = aValue();
  const heard: unknown[] = [];
  value.add((shown) => heard.push(textOf(shown)));
  const first = value.get();
  value.refresh();
  value.refresh();
  expect(reads).toHaveLength(1);
  reads[0]?.answer('old');
  expect(textOf(await first)).toBe('old');
  (await read(1)).answer('new');
  await eventually(() => heard.length > 0);
  value.refresh();
  (await read(2)).answer('new');
  expect(textOf(await value.get())).toBe('new');
  expect(heard).toEqual(['new']);
  expect(reads).toHaveLength(3);
});

test('a reading that fails is tried again, and what it would have shown is not lost', async () => {
  const { value, reads, read, errors } = aValue();
  const heard: unknown[] = [];
  value.add((shown) => heard.push(textOf(shown)));
  const first = value.get();
  reads[0]?.answer('1');
  await first;
  value.refresh();
  reads[1]?.fail();
  (await read(2)).answer('2');
  await eventually(() => heard.length > 0);
  expect(heard).toEqual(['2']);
  expect(errors).toEqual([new Error('away')]);
});

test('what time alone changes is read again when it is time for that', async () => {
  const { value, reads, read } = aValue();
  const heard: unknown[] = [];
  value.add((shown) => heard.push(textOf(shown)));
  const first = value.get();
  reads[0]?.answer('today', new Date(Date.now() + 20));
  await first;
  (await read(1)).answer('tomorrow');
  await eventually(() => heard.length > 0);
  expect(heard).toEqual(['tomorrow']);
});

test('nobody reads what nobody watches any more', async () => {
  const { value, reads } = aValue();
  const leave = value.add(() => {});
  const first = value.get();
  reads[0]?.answer('1', new Date(Date.now() + 20));
  await first;
  leave();
  value.refresh();
  expect(value.watchers).toBe(0);
  expect(reads).toHaveLength(1);
});
