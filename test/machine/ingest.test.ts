import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { DatabaseUnavailableError } from '../../src/lib/errors.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { startLineIngest } from '../../src/machine/ingest.ts';
import { listAllLines } from '../../src/machine/line-store.ts';
import { listMachineEvents } from '../../src/machine/machine-event-store.ts';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { createRunWork, type RunWork } from '../../src/work.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';

test('an exception whose commit was not heard of is on record once', async () => {
  const { floor } = await cloneDatabase();
  const { db } = floor;
  const sound = createRunWork({ db, onEvents: () => {} });
  const egm = createEgm({ address: 1 });
  await using simulated = await createSimulatedLine({ egms: [egm], transport: { kind: 'TCP', port: 0 } });
  const { id: venueId } = await aVenue(sound);
  const { machines } = await aLine(sound, { venueId, port: simulated.address });
  const [line] = await listAllLines(db);
  if (!line) throw new Error('no line');

  let lost = 0;
  const runWork: RunWork = async (actor, task) => {
    let said = false;
    const value = await sound(actor, async (work) => {
      said = false;
      const emit: typeof work.emit = (event) => {
        said ||= event.type === 'machine.event-raised' && event.event.type.startsWith('BILL_');
        work.emit(event);
      };
      return await task({ ...work, emit });
    });
    if (said && lost < 2) {
      lost += 1;
      throw new DatabaseUnavailableError();
    }
    return value;
  };
  await using _ingest = startLineIngest({
    line,
    machines,
    runWork,
    portFolder: tmpdir(),
    signals: { metersChanged: () => {}, connectionChanged: () => {} },
    logger: createLogger('silent'),
  });

  const types = async () =>
    (
      await listMachineEvents(db, venueId, {
        filter: { machineIds: null, types: ['BILL_ACCEPTED_20', 'BILL_ACCEPTED_5'] },
        range: { after: null, before: null, limit: 100, backward: false },
      })
    ).map(({ type }) => type);
  await eventually(async () => (await listAllLines(db))[0]?.state === 'UP');
  egm.insertBill(20n);
  egm.insertBill(5n);
  await eventually(async () => (await types()).includes('BILL_ACCEPTED_5'));
  expect(lost).toBeGreaterThan(0);
  expect((await types()).sort()).toEqual(['BILL_ACCEPTED_20', 'BILL_ACCEPTED_5']);
});
