import type { OperationRequest, Result } from './operation.ts';
import type { Resumption } from './resumption.ts';

/**
 * How a subscription is kept up with by asking a query again and again, where neither a socket nor an event stream
 * comes through.
 */
export interface PollOptions {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** The data of an answer as that of frames, the oldest first. */
  frames(data: unknown): readonly unknown[];
  /**
   * Of a stream of events. Without it the frames are states, told whenever they differ from those before by more than
   * their cursor.
   */
  readonly events?: {
    /** What tells one event from another, the same in a frame of the subscription and in one of the poll. */
    keyOf(frame: unknown): string;
    /** The cursor of an answer: a subscription goes on behind it. */
    cursorOf(data: unknown): string;
  };
}

/** Makes frames of answers, from the first to the last of an operation. */
export interface Poll {
  readonly request: OperationRequest;
  read(data: unknown, heard: Heard): News;
}

/** What an operation has been told over whatever way, as far as it is kept. */
export interface Heard {
  readonly recent: readonly Result[];
  /** Whether it goes on behind a cursor. */
  readonly isBehindCursor: boolean;
}

export interface News {
  readonly frames: readonly Result[];
  /** Where a subscription goes on without a gap; null for states without one. */
  readonly cursor: string | null;
  /** Whether events may have come between this answer and what was heard before. */
  readonly hasGap: boolean;
}

/** @param cursorOf the cursor of a frame; null where there is none */
export const createPoll = (
  { query, variables, frames, events }: PollOptions,
  cursorOf: Resumption['cursorOf'],
): Poll => ({
  request: { query, variables },
  read: events ? readerOfEvents(frames, events) : readerOfStates(frames, cursorOf),
});

function readerOfEvents(
  frames: PollOptions['frames'],
  { keyOf, cursorOf }: NonNullable<PollOptions['events']>,
): Poll['read'] {
  let known: ReadonlySet<string> | null = null;
  return (data, { recent, isBehindCursor }) => {
    const found = frames(data);
    // What was spoiled is none of them.
    const heard = recent.flatMap(({ data }) => (data ? [keyOf(data)] : []));
    const before = new Set([...(known ?? []), ...heard]);
    const isFirst = known === null && heard.length === 0;
    const fresh = found.filter((frame) => !before.has(keyOf(frame)));
    known = found.length > 0 ? new Set(found.map(keyOf)) : before;
    // Where none of them is known, nobody can say what was between; at the beginning that is as it should be.
    const isApart = found.length > 0 && fresh.length === found.length;
    const hasGap = isApart && (isFirst ? isBehindCursor : before.size > 0);
    const isSkipped = isFirst || hasGap;
    return {
      frames: isSkipped ? [] : fresh.map((frame) => ({ data: frame })),
      cursor: cursorOf(data),
      hasGap,
    };
  };
}

function readerOfStates(frames: PollOptions['frames'], cursorOf: Resumption['cursorOf']): Poll['read'] {
  let last: ReadonlySet<string> = new Set();
  return (data) => {
    let cursor: string | null = null;
    const found = frames(data).map((frame) => {
      cursor = cursorOf(frame);
      return { frame, text: JSON.stringify(frame).replaceAll(cursor ?? '', '') };
    });
    const changed = found.filter(({ text }) => !last.has(text));
    last = new Set(found.map(({ text }) => text));
    return { frames: changed.map(({ frame }) => ({ data: frame })), cursor, hasGap: false };
  };
}
