import { once, parseKey } from '../idempotency.ts';
import { DomainError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import { attempt } from './attempt.ts';
import { type HoldEnd, HoldEndedError, InsufficientFundsError, WalletFrozenError } from './errors.ts';

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

/** What a refusal is kept as, and made of again. */
export interface KeptRefusal {
  /** The facts of one of this kind; null for another error. */
  factsOf(error: DomainError): Facts | null;
  /** One of these facts; its message is kept beside them. */
  make(facts: Facts): DomainError;
}

export type Facts = Readonly<Record<string, string | boolean>>;

/** Kinds of refusal that depend on how things stand, by the names they are kept under. */
export type KeptRefusals = Readonly<Record<string, KeptRefusal>>;

/** How errors of one class are kept. */
export const keptRefusal = <E extends DomainError>(
  type: abstract new (...args: never[]) => E,
  { factsOf, make }: { readonly factsOf: (error: E) => Facts; readonly make: (facts: Facts) => E },
): KeptRefusal => ({
  factsOf: (error) => (error instanceof type ? factsOf(error) : null),
  make,
});

/** Does something once by its key. */
export type DoKeyed = (
  work: Work,
  keyed: Keyed,
  act: (work: Work) => Promise<string>,
) => Promise<KeyedOutcome>;

/**
 * Does something once by its key. What depends on how things stand, a taken slot or an empty wallet, is refused for
 * ever by that key; what is thrown leaves it unused, and so does everything without a key. `act` gives the id of what
 * it made.
 *
 * What comes of it throws IdempotencyMismatchError, ValidationError, and what `act` throws.
 */
export const keyedWith =
  (refusals: KeptRefusals): DoKeyed =>
  async (work, { venueId, key, parameters }, act) => {
    if (key === null) return { id: await act(work), isReplay: false };
    const idempotency = parseKey(work.actor, key, { ...parameters, venueId });
    let fresh: DomainError | null = null;
    const { outcome, isReplay } = await once(work, { venueId, idempotency }, () =>
      attempt<{ readonly id: string } | Refused>(
        work,
        async (inner) => {
          try {
            return { id: await act(inner) };
          } catch (error) {
            const refused = error instanceof DomainError ? refusedOf(refusals, error) : null;
            if (!refused) throw error;
            fresh = error as DomainError;
            return refused;
          }
        },
        (answer) => 'id' in answer,
      ),
    );
    return 'id' in outcome ? { id: outcome.id, isReplay } : { refusal: fresh ?? errorOf(refusals, outcome) };
  };

/** What `keyed` answered of, for who has committed. @throws the refusal */
export function doneOf(outcome: KeyedOutcome): { readonly id: string; readonly isReplay: boolean } {
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome;
}

/** A refusal as it is kept. */
interface Refused {
  readonly refused: string;
  readonly message: string;
  readonly facts: Facts;
}

function refusedOf(refusals: KeptRefusals, error: DomainError): Refused | null {
  for (const [refused, kind] of Object.entries(refusals)) {
    const facts = kind.factsOf(error);
    if (facts) return { refused, message: error.message, facts };
  }
  return null;
}

function errorOf(refusals: KeptRefusals, { refused, message, facts }: Refused): DomainError {
  const kind = refusals[refused];
  if (!kind) throw new Error(`a refusal was kept as ${refused}, which nobody knows`);
  return Object.assign(kind.make(facts), { message });
}

/** What a wallet refuses. */
export const WALLET_REFUSALS: KeptRefusals = {
  HoldEndedError: keptRefusal(HoldEndedError, {
    factsOf: ({ end }) => ({ end }),
    make: ({ end }) => new HoldEndedError(end as HoldEnd),
  }),
  WalletFrozenError: keptRefusal(WalletFrozenError, {
    factsOf: ({ isClosed }) => ({ isClosed }),
    make: ({ isClosed }) => new WalletFrozenError(isClosed === true),
  }),
  InsufficientFundsError: keptRefusal(InsufficientFundsError, {
    factsOf: ({ availableMinor, currency }) => ({ availableMinor: String(availableMinor), currency }),
    make: ({ availableMinor, currency }) =>
      new InsufficientFundsError({
        availableMinor: BigInt(String(availableMinor)),
        currency: String(currency),
      }),
  }),
};
