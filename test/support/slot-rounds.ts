import { pick, type Random } from '../../src/sas/simulator/random.ts';
import type { ChosenSlot, Contender, Had } from './slot-crowd.ts';
import { slotAt } from './slot-crowd.ts';

export interface Round {
  readonly slot: ChosenSlot;
  /** How many can have it. */
  readonly capacity: number;
  /** Which of all rounds. */
  readonly number: number;
  readonly random: Random;
}

/** Somebody's attempt at a slot, and what came of it. */
interface Attempt {
  readonly contender: Contender;
  readonly had: Had | null;
}

type Way = 'BOOK' | 'HOLD' | 'MOVE' | 'SERIES';
/** Nothing expires in a round. */
const LONG_SECONDS = 900;
const WAYS: readonly Way[] = ['BOOK', 'BOOK', 'SERIES', 'HOLD', 'MOVE'];

/**
 * All want one slot at once, each in his way: to book it, alone or with that of the next day, to hold it, to move a
 * booking of another slot there. Then
 * one of those who have it gives it back, moves away or books what he holds, while all others try again. At the end
 * nobody holds anything. Answers what was wrong.
 */
export async function playRound(crowd: readonly Contender[], round: Round): Promise<readonly string[]> {
  const first = await tryAll(await prepare(crowd, round, 2 * round.number), round);
  const [winner, ...others] = winnersOf(first);
  if (!winner || others.length + 1 !== round.capacity)
    return [`round ${round.number}: ${winnersOf(first).length} have what ${round.capacity} can have`];

  const winners = new Set([winner, ...others].map(({ contender }) => contender));
  const losers = crowd.filter((contender) => !winners.has(contender));
  const ready = await prepare(losers, round, 2 * round.number + 1);
  const [isFree, second] = await Promise.all([leave(winner, round), tryAll(ready, round)]);
  const successors = winnersOf(second);
  for (const { contender, had } of [...others, ...successors])
    if (had?.kind === 'HOLD') await contender.letGo(had);
  const most = isFree ? 1 : 0;
  return successors.length > most
    ? [`round ${round.number}: ${successors.length} have what ${most} could have when it was given back`]
    : [];
}

const winnersOf = (attempts: readonly Attempt[]) => attempts.filter(({ had }) => had !== null);

interface Ready {
  readonly contender: Contender;
  readonly way: Way;
  /** What is moved. */
  readonly elsewhere: Had | null;
}

/** @param turn no two are alike */
const prepare = (crowd: readonly Contender[], { random }: Round, turn: number): Promise<readonly Ready[]> =>
  Promise.all(
    crowd.map(async (contender) => {
      const way = pick(random, WAYS);
      const elsewhere = way === 'MOVE' ? await contender.book(slotAt(contender.home, turn)) : null;
      return { contender, way, elsewhere };
    }),
  );

const tryAll = (crowd: readonly Ready[], { slot }: Round): Promise<readonly Attempt[]> =>
  Promise.all(crowd.map(async (ready) => ({ contender: ready.contender, had: await tryOnce(ready, slot) })));

function tryOnce({ contender, way, elsewhere }: Ready, slot: ChosenSlot): Promise<Had | null> {
  if (way === 'HOLD') return contender.hold(slot, { expiresInSeconds: LONG_SECONDS });
  if (way === 'SERIES') return contender.bookBoth(slot);
  return elsewhere ? contender.move(elsewhere, slot) : contender.book(slot);
}

/** Whether the slot is free afterwards, for as long as nobody takes it. */
async function leave({ contender, had }: Attempt, { random, number }: Round): Promise<boolean> {
  if (!had) return false;
  const staysOn = random() < 0.5;
  if (!staysOn) await contender.letGo(had);
  else if (had.kind !== 'HOLD') await contender.move(had, slotAt(contender.home, FAR + number));
  else await contender.bookHeld(had);
  return !staysOn || had.kind !== 'HOLD';
}

/** Behind all slots of a home that are booked to be moved away. */
const FAR = 2_000;
