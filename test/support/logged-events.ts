import type { Kysely } from 'kysely';
import type { Database } from '../../src/db/schema.ts';
import { encodeCursor } from '../../src/events/cursor.ts';
import { readHead, readLog, readLogIdentity } from '../../src/events/log.ts';
import { sequenceBatch } from '../../src/events/sequencer.ts';
import type { MachineEventSnapshot } from '../../src/machine/events.ts';
import { eventually } from './deadline.ts';

/** An event of a machine as the log has it, under the id the API gives it. */
export interface LoggedMachineEvent {
  readonly id: string;
  readonly snapshot: MachineEventSnapshot;
}

/** Where the log stands now, as a position and as the cursor of a frame there. */
export async function headOfLog(
  db: Kysely<Database>,
): Promise<{ readonly position: bigint; readonly cursor: string }> {
  const position = await readHead(db);
  return { position, cursor: encodeCursor({ log: await readLogIdentity(db), position, snapshot: null }) };
}

/** All that happened at machines after a position, in order; to be asked when nothing more happens. */
export async function machineEventsLogged(
  db: Kysely<Database>,
  after: bigint,
): Promise<readonly LoggedMachineEvent[]> {
  // null: a server is at it.
  await eventually(async () => (await sequenceBatch(db)) === 0);
  const events = await readLog(db, { after, limit: 1_000_000, types: ['machine.event-raised'] });
  return events.flatMap((event) => {
    if (event.type !== 'machine.event-raised') return [];
    const { event: snapshot } = event.payload;
    return [{ id: Buffer.from(`MachineEvent:${snapshot.id}`).toString('base64url'), snapshot }];
  });
}
