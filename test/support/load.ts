import { sql } from 'kysely';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { raise } from '../../src/machine/service.ts';
import { findMachine } from '../../src/machine/store.ts';
import type { RunWork } from '../../src/work.ts';

/** Where something is to happen. */
export interface Place {
  readonly venueId: string;
  /** As the API writes it. */
  readonly machineId: string;
}

export interface Game {
  /** The transaction is held open for so long. */
  readonly heldMs?: number;
  /** What else the machine tells of it. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Lets a machine tell of a game. Answers the event's id as the API writes it. */
export async function endGame(
  runWork: RunWork,
  { venueId, machineId }: Place,
  { heldMs = 0, data = {} }: Game = {},
): Promise<string> {
  const id = newId();
  const rowId = Buffer.from(machineId, 'base64url').toString().replace('Machine:', '');
  await runWork(system('test'), async (work) => {
    const machine = await findMachine(work.tx, venueId, rowId);
    if (!machine) throw new Error(`There is no machine ${machineId}.`);
    await raise(work, machine, { id, type: 'GAME_ENDED', data });
    if (heldMs > 0) await sql`select pg_sleep(${heldMs / 1_000})`.execute(work.tx);
  });
  return Buffer.from(`MachineEvent:${id}`).toString('base64url');
}

/** Writers that write one transaction after the other until they are stopped, for which it suffices to dispose of them. */
export interface Load extends AsyncDisposable {
  stop(): Promise<void>;
}

/** One transaction in `heldEvery` of each writer is held open, at different times. */
export function startLoad(
  runWork: RunWork,
  options: Place & { readonly writers: number; readonly heldEvery: number; readonly heldMs: number },
): Load {
  let stopped = false;
  const writing = Array.from({ length: options.writers }, async (_, writer) => {
    for (let turn = 0; !stopped; turn += 1) {
      const isHeld = turn % options.heldEvery === writer % options.heldEvery;
      await endGame(runWork, options, { heldMs: isHeld ? options.heldMs : 0 });
    }
  });
  const stop = async () => {
    stopped = true;
    await Promise.all(writing);
  };
  return { stop, [Symbol.asyncDispose]: stop };
}
