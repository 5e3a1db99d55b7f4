import { expect, test } from 'vitest';
import { readLog } from '../../src/events/log.ts';
import { sequenceBatch } from '../../src/events/sequencer.ts';
import { system } from '../../src/lib/actor.ts';
import { createRunWork } from '../../src/work.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });

test('one work announces more than one statement takes, in order', async () => {
  const { id: venueId } = await aVenue(runWork);
  const count = 12_000;
  await runWork(system('test'), async ({ emit }) => {
    for (let number = 0; number < count; number += 1)
      emit({ type: 'auth.secrets-rewrapped', venueId, count: number });
  });
  while ((await sequenceBatch(db)) !== 0);
  const events = await readLog(db, { after: 0n, limit: count + 1, types: ['auth.secrets-rewrapped'] });
  expect(events.map(({ payload }) => ('count' in payload ? payload.count : null))).toEqual(
    Array.from({ length: count }, (_, number) => number),
  );
});
