import type { NoFields } from '../../../../src/sas/codec/fields.ts';
import type { LongPoll } from '../../../../src/sas/codec/long-poll.ts';
import { all, type Gen } from './random.ts';

/** What a poll can ask and answer. */
export interface Generated {
  readonly poll: LongPoll;
  readonly request: Gen<unknown>;
  /** Null for a poll that is only acknowledged. */
  readonly answer: Gen<unknown> | null;
}

/** A poll whose request and answer carry data. */
export const both = <Q, A>(poll: LongPoll<Q, A>, request: Gen<Q>, answer: Gen<A>): Generated => ({
  poll,
  request,
  answer,
});

/** A poll that is only acknowledged. */
export const asked = <Q>(poll: LongPoll<Q, null>, request: Gen<Q>): Generated => ({
  poll,
  request,
  answer: null,
});

/** A poll that asks nothing but its own question. */
export const answered = <A>(poll: LongPoll<NoFields, A>, answer: Gen<A>): Generated =>
  both(poll, all<NoFields>({}), answer);
