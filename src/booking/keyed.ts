import { once, parseKey } from '../idempotency.ts';
import { DomainError } from '../lib/errors.ts';
import { HoldEndedError, InsufficientFundsError, WalletFrozenError } from '../wallet/errors.ts';
import type { Work } from '../work.ts';
import { attempt } from './attempt.ts';
import type { LimitWindow } from './booking-limit.ts';
import { BookingLimitError, SeriesConflictError, SlotUnavailableError } from './errors.ts';
import type { ConflictReason } from './series.ts';

/** What was asked for by a key: it was done, to the thing of this id, or refused. Never anything else, for one key. */
export type KeyedOutcome =
  | { readonly id: string; readonly isReplay: boolean }
  | { readonly refusal: DomainError };

export interface Keyed {
  readonly venueId: string;
  /** The caller's own name for what he asks; null: it happens whenever he asks. */
  readonly key: string | null;
  /** All that makes it what it is. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * Does something once by its key. What depends on how things stand, a taken slot or an empty wallet, is refused for
 * ever by that key; what is thrown leaves it unused, and so does everything without a key.
 *
 * @param act gives the id of what it made
 *
 * @throws IdempotencyMismatchError, ValidationError, and what `act` throws
 */
export async function keyed(
  work: Work,
  { venueId, key, parameters }: Keyed,
  act: (work: Work) => Promise<string>,
): Promise<KeyedOutcome> {
  if (key === null) return { id: await act(work), isReplay: false };
  const idempotency = parseKey(work.actor, key, { ...parameters, venueId });
  let fresh: DomainError | null = null;
  const { outcome, isReplay } = await once(work, { venueId, idempotency }, () =>
    attemptOrRefuse(work, act, (refusal) => {
      fresh = refusal;
    }),
  );
  return 'id' in outcome ? { id: outcome.id, isReplay } : { refusal: fresh ?? errorOf(outcome) };
}

/** What `keyed` answered of, for who has committed. @throws the refusal */
export function doneOf(outcome: KeyedOutcome): { readonly id: string; readonly isReplay: boolean } {
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome;
}

/** A refusal as it is kept. */
interface Refused {
  readonly refused: keyof typeof REFUSALS;
  readonly message: string;
  readonly facts: Facts;
}

type Facts = Readonly<Record<string, string | boolean>>;

/** Undone whole when it is refused: what it wrote, and what it would have announced. */
const attemptOrRefuse = (
  work: Work,
  act: (work: Work) => Promise<string>,
  hearRefusal: (refusal: DomainError) => void,
) =>
  attempt<{ readonly id: string } | Refused>(
    work,
    async (inner) => {
      try {
        return { id: await act(inner) };
      } catch (error) {
        const refused = error instanceof DomainError ? refusedOf(error) : null;
        if (!refused) throw error;
        hearRefusal(error as DomainError);
        return refused;
      }
    },
    (outcome) => 'id' in outcome,
  );

const REFUSALS = {
  SlotUnavailableError: () => new SlotUnavailableError(''),
  BookingLimitError: ({ window, maximum, count, resetsAt }: Facts) =>
    new BookingLimitError({
      window: window as LimitWindow,
      maximum: Number(maximum),
      count: Number(count),
      resetsAt: resetsAt === '' ? null : new Date(String(resetsAt)),
    }),
  SeriesConflictError: ({ resourceId, conflicts }: Facts) =>
    new SeriesConflictError(
      String(resourceId),
      (JSON.parse(String(conflicts)) as { startsAt: string; why: ConflictReason }[]).map(
        ({ startsAt, why }) => ({
          startsAt: new Date(startsAt),
          why,
        }),
      ),
    ),
  HoldEndedError: ({ end }: Facts) => new HoldEndedError(end as HoldEndedError['end']),
  WalletFrozenError: ({ isClosed }: Facts) => new WalletFrozenError(isClosed === true),
  InsufficientFundsError: ({ availableMinor, currency }: Facts) =>
    new InsufficientFundsError({
      availableMinor: BigInt(String(availableMinor)),
      currency: String(currency),
    }),
};

function refusedOf(error: DomainError): Refused | null {
  const { message } = error;
  if (error instanceof SlotUnavailableError) return { refused: 'SlotUnavailableError', message, facts: {} };
  if (error instanceof BookingLimitError) {
    const { window, maximum, count, resetsAt } = error;
    return {
      refused: 'BookingLimitError',
      message,
      facts: {
        window,
        maximum: String(maximum),
        count: String(count),
        resetsAt: resetsAt?.toISOString() ?? '',
      },
    };
  }
  if (error instanceof SeriesConflictError) {
    const { resourceId, conflicts } = error;
    return {
      refused: 'SeriesConflictError',
      message,
      facts: { resourceId, conflicts: JSON.stringify(conflicts) },
    };
  }
  if (error instanceof HoldEndedError)
    return { refused: 'HoldEndedError', message, facts: { end: error.end } };
  if (error instanceof WalletFrozenError)
    return { refused: 'WalletFrozenError', message, facts: { isClosed: error.isClosed } };
  if (error instanceof InsufficientFundsError) {
    const { availableMinor, currency } = error;
    return {
      refused: 'InsufficientFundsError',
      message,
      facts: { availableMinor: String(availableMinor), currency },
    };
  }
  return null;
}

/** To who asks again the alternatives there were are not worth anything: they are not kept. */
function errorOf({ refused, message, facts }: Refused): DomainError {
  return Object.assign(REFUSALS[refused](facts), { message });
}
