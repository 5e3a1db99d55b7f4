import type { AnyCandidate } from './candidates.ts';
import type { Wanted } from './display.ts';
import { weigh } from './weighing.ts';

/** What a screen shall show at an instant, and why. */
export interface Effective {
  readonly deviceId: string;
  readonly at: Date;
  readonly wanted: Wanted | null;
  /** In words. */
  readonly reason: string;
  /** Until when that is so whatever else happens; null: for ever. */
  readonly until: Date | null;
  /** Everything that was weighed, what goes before first. */
  readonly weighed: readonly Weighed[];
}

/** Something that may have a screen show a layout, and what became of it. */
export interface Weighed {
  readonly cause: Wanted['cause'];
  /** Which schedule or takeover. */
  readonly causeId: string | null;
  readonly verdict: Verdict;
  /** In words. */
  readonly why: string;
}

export type Verdict = keyof typeof VERDICTS;

const VERDICTS = {
  SHOWN: 'It is shown.',
  OUTWEIGHED: 'Something else goes before it.',
  NOT_NOW: 'It is not its time.',
  CONDITION_NOT_MET: 'What it waits for does not hold.',
  DISABLED: 'It is switched off.',
  LAYOUT_NOT_PUBLISHED: 'Its layout cannot be shown.',
} as const;

/** Weighs candidates, by their rank, and says of each what became of it. `describe` names one, without a full stop. */
export function explain(
  candidates: readonly AnyCandidate[],
  describe: (candidate: AnyCandidate) => string,
): Omit<Effective, 'deviceId' | 'at'> {
  const { wanted, dueAt } = weigh(candidates);
  const judged = candidates.filter(isAnything).map((candidate) => ({
    cause: causeOf(candidate),
    verdict: verdictOf(candidate, wanted),
    text: describe(candidate),
  }));
  const textsOf = (wantedVerdict: Verdict) =>
    judged.filter(({ verdict }) => verdict === wantedVerdict).map(({ text }) => text);
  return {
    wanted,
    until: dueAt,
    reason: reasonOf(textsOf('SHOWN'), textsOf('OUTWEIGHED')),
    weighed: judged.map(({ cause, verdict, text }) => ({
      ...cause,
      verdict,
      why: `${text}. ${VERDICTS[verdict]}`,
    })),
  };
}

/** A screen that was pushed nothing weighs no push. */
const isAnything = (candidate: AnyCandidate): boolean =>
  'takeover' in candidate || 'schedule' in candidate || candidate.wanted !== null;

function verdictOf(candidate: AnyCandidate, wanted: Wanted | null): Verdict {
  if (candidate.blocked) return candidate.blocked;
  if (!candidate.timesAt().isOn) return 'NOT_NOW';
  const { cause, causeId } = causeOf(candidate);
  return cause === wanted?.cause && causeId === wanted.causeId ? 'SHOWN' : 'OUTWEIGHED';
}

function causeOf(candidate: AnyCandidate): Pick<Weighed, 'cause' | 'causeId'> {
  if ('takeover' in candidate) return { cause: 'TAKEOVER', causeId: candidate.takeover.id };
  if ('schedule' in candidate) return { cause: 'SCHEDULE', causeId: candidate.schedule.id };
  return { cause: 'PUSH', causeId: null };
}

function reasonOf([shown]: readonly string[], outweighed: readonly string[]): string {
  if (shown === undefined) return 'No takeover and no schedule is on, and nothing was pushed to it.';
  return outweighed.length === 0
    ? `${shown}.`
    : `${shown}. It goes before ${outweighed.length} other: ${outweighed.join('. ')}.`;
}
