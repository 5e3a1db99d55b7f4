import {
  NotFoundError,
  NotOwnerError,
  neededForNew,
  ValidationError,
  VersionConflictError,
} from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { isSame } from '../lib/same.ts';
import type { Work } from '../work.ts';
import type { JackpotSnapshot } from './events.ts';
import { type Jackpot, type JackpotTerms, parseJackpot } from './jackpot.ts';
import { insertJackpotWin, lockJackpot, saveJackpot } from './jackpot-store.ts';
import { canControlMachines, canSeeMachines } from './policy.ts';

/** What of a jackpot is said; what is null or left out stays, and has to be said of a new one. */
export type JackpotChange = {
  readonly [Key in keyof JackpotTerms]?: JackpotTerms[Key] | null | undefined;
} & {
  readonly venueId: string;
  /** Null for a new one. */
  readonly jackpotId: string | null;
  readonly expectedVersion: number | null;
};

/**
 * Sets up a jackpot, or says what it stands at. Whoever drives a line of the venue tells its machines. What changes
 * nothing is no change.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, VersionConflictError, JackpotNameTakenError,
 * ProgressiveLevelTakenError
 */
export async function configureJackpot(work: Work, input: JackpotChange): Promise<Jackpot> {
  const { actor, tx } = work;
  const { venueId, jackpotId } = input;
  const known =
    jackpotId !== null && canSeeMachines(actor, venueId)
      ? await lockJackpot(tx, venueId, { id: jackpotId })
      : null;
  if (jackpotId !== null && !known) throw new NotFoundError('jackpot');
  if (!canControlMachines(actor, venueId)) throw new NotOwnerError('set jackpots');
  if (known) checkVersion(known, input.expectedVersion);

  const resetCents = input.resetCents ?? known?.resetCents ?? neededForNew('resetTo');
  const terms = parseJackpot({
    name: input.name ?? known?.name ?? neededForNew('name'),
    group: input.group ?? known?.group ?? neededForNew('group'),
    level: input.level ?? known?.level ?? neededForNew('level'),
    cents: input.cents ?? known?.cents ?? resetCents,
    resetCents,
  });
  if (known && isSame({ ...known, ...terms }, known)) return known;
  return await save(work, {
    ...terms,
    id: known?.id ?? newId(),
    venueId,
    version: (known?.version ?? 0) + 1,
    changedAt: work.now,
  });
}

/** A level that a machine says was won. One that is no jackpot of the venue is passed over. */
export interface ProgressiveWin {
  /** Of the win. Who has to say it again, not knowing whether it was recorded, gives the same one. */
  readonly id: string;
  readonly venueId: string;
  readonly machineId: string;
  readonly group: number;
  readonly level: number;
  readonly cents: bigint | null;
  readonly wonAt: Date;
}

/** Records a win, once for each id: the jackpot begins anew. */
export async function recordProgressiveWin(work: Work, win: ProgressiveWin): Promise<void> {
  const { venueId, machineId, group, level, cents } = win;
  const jackpot = await lockJackpot(work.tx, venueId, { group, level });
  if (!jackpot || !(await insertJackpotWin(work.tx, { ...win, jackpotId: jackpot.id }))) return;
  const told = cents === null ? null : cents.toString();
  work.emit({ type: 'machine.jackpot-won', venueId, jackpotId: jackpot.id, machineId, cents: told });
  await save(work, {
    ...jackpot,
    cents: jackpot.resetCents,
    version: jackpot.version + 1,
    changedAt: work.now,
  });
}

async function save(work: Work, jackpot: Jackpot): Promise<Jackpot> {
  await saveJackpot(work.tx, jackpot);
  work.emit({ type: 'machine.jackpot-changed', venueId: jackpot.venueId, ...jackpotSnapshot(jackpot) });
  return jackpot;
}

function checkVersion({ version }: Jackpot, expected: number | null): void {
  if (expected === null)
    throw new ValidationError('expectedVersion is needed to change what is there already.', {
      field: 'expectedVersion',
    });
  if (expected !== version) throw new VersionConflictError(version);
}

const jackpotSnapshot = (jackpot: Jackpot): JackpotSnapshot => ({
  jackpotId: jackpot.id,
  name: jackpot.name,
  group: jackpot.group,
  level: jackpot.level,
  cents: jackpot.cents.toString(),
  resetCents: jackpot.resetCents.toString(),
  version: jackpot.version,
  changedAt: jackpot.changedAt.toISOString(),
});
