import { expect, test } from 'vitest';
import { Running } from '../../src/lib/running.ts';

test('what runs is stopped in the reverse order of its start, also behind a part that cannot be stopped', async () => {
  const stopped: string[] = [];
  const part = (name: string) => ({
    async [Symbol.asyncDispose]() {
      stopped.push(name);
    },
  });
  const running = new Running();
  running.add(part('database'));
  running.add({ [Symbol.asyncDispose]: () => Promise.reject(new Error('stuck')) });
  running.add(part('server'));
  await expect(running[Symbol.asyncDispose]()).rejects.toThrow('stuck');
  expect(stopped).toEqual(['server', 'database']);
});
