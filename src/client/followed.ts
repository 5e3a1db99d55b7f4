import { CURSOR } from './channels.ts';
import { tell, tellEach } from './emitter.ts';
import type { Gap, Listener, OperationRequest, Result } from './operation.ts';
import { createPoll, type Poll, type PollOptions } from './poll.ts';
import { pollOfSameSelection } from './poll-text.ts';
import { findOperation, type Resumption, readResumption, rootFieldOf } from './resumption.ts';
import { createRing } from './ring.ts';
import type { ServerFacts } from './server-facts.ts';

/** A subscription and all who listen to it. It knows how far it has heard, whatever it runs over. */
export interface Followed {
  /** The field that is subscribed to. */
  readonly name: string;
  readonly request: OperationRequest;
  /** How to poll instead; null where it cannot be polled, and before `prepare`. */
  readonly poll: Poll | null;
  /**
   * Whether it would begin with what happens from now on: cut before its first frame it could not say behind what it
   * goes on. So `current` first asks where the log stands.
   */
  needsPlace(): boolean;
  /** What to ask for now: the place it needs, or the request, behind the last frame heard. */
  current(): OperationRequest;
  /**
   * Reads from its text how to resume it, and how to poll instead.
   *
   * @throws NotResumableError, SyntaxError, RangeError
   */
  prepare(facts: ServerFacts): void;
  hear(result: Result): void;
  /** From here on it is resumed behind this cursor, whatever was heard. */
  resumeBehind(cursor: string): void;
  /**
   * Lets the listeners read anew what was missed, one after the other, and goes on where the first of them says:
   * what he read is the oldest. Who cannot is told the error. Answers whether anybody is left.
   */
  catchUp(error: unknown): Promise<boolean>;
  fail(error: unknown): void;
  complete(): void;
  /** The newest frames, oldest first. */
  recent(): readonly Result[];
  /** Whether it goes on behind a cursor. */
  isBehindCursor(): boolean;
  /** How a listener who comes now gets what the others have had. */
  entry(): Entry;
  /** Answers how to leave, and how many are left then. */
  add(listener: Listener, entry: Entry): () => number;
}

/**
 * JOIN: nothing was missed, or nothing before is wanted · REPLAY: what he missed is kept · ANEW: the stream has to
 * begin again, for all · APART: he needs a stream of his own.
 */
export type Entry = 'JOIN' | 'REPLAY' | 'ANEW' | 'APART';

export interface FollowedOptions {
  readonly poll: PollOptions | null;
  /** How many frames are kept for listeners who come late. */
  readonly bufferedFrames: number;
  /** Told each frame before the listeners are. */
  readonly onFrame: (request: OperationRequest, result: Result) => void;
  /** For listeners who bring none. */
  readonly onGap: ((request: OperationRequest) => Gap | Promise<Gap>) | undefined;
}

interface Seat {
  readonly listener: Listener;
  /** Before that he hears nothing: it will be replayed to him. */
  isCaughtUp: boolean;
}

export function createFollowed(request: OperationRequest, options: FollowedOptions): Followed {
  const seats = new Set<Seat>();
  const ring = createRing<Result>(options.bufferedFrames);
  let resumption: Resumption | null = null;
  let poll: Poll | null = null;
  let isState = false;
  let hasHeard = false;
  let hadGap = false;
  /** Undefined: as was asked at first. */
  let after: string | null | undefined;
  const variable = () => resumption?.variable ?? null;
  const askedAfter = () => request.variables?.[variable() ?? ''] ?? null;
  const isBehindCursor = () => (after === undefined ? askedAfter() : after) !== null;

  const followed: Followed = {
    name: rootFieldOf(findOperation(request))?.name ?? '',
    request,
    get poll() {
      return poll;
    },
    needsPlace: () => variable() !== null && !isState && !isBehindCursor(),
    current() {
      if (followed.needsPlace()) return { query: CURSOR };
      const name = variable();
      if (after === undefined || name === null) return request;
      return { ...request, variables: { ...request.variables, [name]: after } };
    },
    prepare({ resumable, states, polled }) {
      if (resumption) return;
      resumption = readResumption(request, resumable);
      isState = states.has(followed.name);
      const pollOptions = options.poll ?? pollOfSameSelection(request, polled);
      poll = pollOptions && createPoll(pollOptions, resumption.cursorOf);
    },
    hear(result) {
      hasHeard = true;
      after = resumption?.cursorOf(result.data) ?? after;
      ring.put(result);
      options.onFrame(request, result);
      tellEach(seats, ({ listener, isCaughtUp }) => isCaughtUp && listener.next(result));
    },
    resumeBehind(cursor) {
      after = cursor;
    },
    async catchUp(error) {
      const goOn: (string | null)[] = [];
      hadGap = true;
      for (const seat of [...seats]) {
        if (!seats.has(seat)) continue;
        const read = await readAnew(seat.listener, request, options.onGap);
        if (read) goOn.push(read.cursor);
        else if (seats.delete(seat)) tell(() => seat.listener.error?.(error));
      }
      after = goOn[0] ?? null;
      return seats.size > 0;
    },
    fail: (error) => tellEnd((listener) => listener.error?.(error)),
    complete: () => tellEnd((listener) => listener.complete?.()),
    recent: () => [...ring.items],
    isBehindCursor,
    entry() {
      if (askedAfter() === null) return isState && hasHeard ? 'ANEW' : 'JOIN';
      if (hadGap || !ring.isComplete) return 'APART';
      return hasHeard ? 'REPLAY' : 'JOIN';
    },
    add(listener, entry) {
      // As if nobody had heard of it yet.
      if (entry === 'ANEW') after = resumption = null;
      const seat: Seat = { listener, isCaughtUp: entry !== 'REPLAY' };
      seats.add(seat);
      // Not before the caller knows how to leave.
      if (!seat.isCaughtUp) queueMicrotask(() => replay(seat));
      return () => {
        seats.delete(seat);
        return seats.size;
      };
    },
  };

  function tellEnd(run: (listener: Listener) => void): void {
    tellEach(seats, (seat) => {
      seats.delete(seat);
      run(seat.listener);
    });
  }
  function replay(seat: Seat): void {
    for (const result of followed.recent()) if (seats.has(seat)) tell(() => seat.listener.next(result));
    seat.isCaughtUp = true;
  }
  return followed;
}

/** Null when he cannot. */
async function readAnew(
  listener: Listener,
  request: OperationRequest,
  onGap: FollowedOptions['onGap'],
): Promise<{ readonly cursor: string | null } | null> {
  try {
    if (listener.gap) return { cursor: (await listener.gap()) ?? null };
    return onGap ? { cursor: (await onGap(request)) ?? null } : null;
  } catch {
    return null;
  }
}
