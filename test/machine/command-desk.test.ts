import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import type { CommandKind } from '../../src/machine/command.ts';
import { createCommandDesk } from '../../src/machine/command-desk.ts';
import { LineUnavailableError, MachineUnreachableError } from '../../src/machine/errors.ts';
import { findLine } from '../../src/machine/line-store.ts';
import { recordLineState } from '../../src/machine/service.ts';
import { runWorkOn } from '../support/auth.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aLine } from '../support/floor.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = runWorkOn(floor);
const { id: venueId } = await aVenue(runWork);
const actor = system('test');
const desk = createCommandDesk({ db, timeoutMs: 50 });

/** What is told of a command that no driver takes up. */
async function refusalOf(kind: CommandKind, state: 'UP' | 'DOWN' | null) {
  const { lineId, machines } = await aLine(runWork, { venueId });
  const line = await findLine(db, lineId);
  if (line && state)
    await runWork(actor, (work) =>
      recordLineState(work, line, { state, cause: state === 'UP' ? null : 'Pulled.', at: work.now }),
    );
  const [machine] = machines;
  const command = { venueId, machineId: machine?.id ?? '', kind, reason: 'test' };
  return desk.run({ actor, runWork }, command).catch((error: unknown) => error);
}

test('what nobody said to a machine is its line’s fault where nobody speaks on that, and else the machine’s', async () => {
  const [down, undriven, up, once] = await Promise.all([
    refusalOf('LOCK', 'DOWN'),
    refusalOf('LOCK', null),
    refusalOf('LOCK', 'UP'),
    // It must not be asked for again by who believes that it was not done.
    refusalOf('RESET_HANDPAY', 'DOWN'),
  ]);
  expect(down).toBeInstanceOf(LineUnavailableError);
  expect(down).toMatchObject({ code: 'SAS_001', reason: 'Pulled.' });
  expect(undriven).toBeInstanceOf(LineUnavailableError);
  for (const unreachable of [up, once]) expect(unreachable).toBeInstanceOf(MachineUnreachableError);
});
