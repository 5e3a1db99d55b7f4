import { type ExecutionArgs, type ExecutionResult, getOperationAST } from 'graphql';
import type { LoggedEvent } from '../events/events.ts';
import type { Beginning, Source } from '../events/source.ts';
import type { Context } from '../graphql/context.ts';
import { prepareFrames } from '../graphql/frame-execution.ts';
import { openSource, type StreamArguments, type Subscription } from '../graphql/stream.ts';
import { placedResult } from '../graphql/variable-errors.ts';
import type { View } from '../graphql/view.ts';
import { type Actor, isSignedIn } from '../lib/actor.ts';
import { createAttendance } from '../lib/attendance.ts';
import type { ErrorCode } from '../lib/errors.ts';
import { createHistogram, type Histogram, LATENCY_BOUNDS_MS } from '../lib/histogram.ts';
import { newId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { createTally } from '../lib/tally.ts';
import { publicResult } from './answer.ts';
import { ConflatedGroup } from './conflated-group.ts';
import { EventGroup } from './event-group.ts';
import { createFrame, type Frame } from './frame.ts';
import { createFrameCache, type FrameCache } from './frame-cache.ts';
import type { DeliveryCounts, Group, GroupOptions, MakeFrame } from './group.ts';
import { groupKeyOf } from './group-key.ts';
import { asGraphQLError } from './operations.ts';
import { createRequestLog, type TranslateError } from './request-log.ts';
import { rootFieldsOf } from './root-fields.ts';
import type { Outlet } from './sink.ts';
import { StateGroup } from './state-group.ts';
import { type Regroup, Subscriber } from './subscriber.ts';

/** What is open now, and what was done since the start of the process. */
export interface FanOutCounts extends Readonly<DeliveryCounts> {
  readonly subscriptions: number;
  readonly groups: number;
  /** Subscriptions now, by their root field. */
  readonly byField: ReadonlyMap<string, number>;
  /**
   * How long after its change each frame of an event was written, in milliseconds, to readers who keep up. What is held
   * back on purpose is not counted.
   */
  readonly delays: Histogram;
}

/** The subscriptions of this process, those of one operation together. */
export interface FanOut {
  /** Begins a subscription whose frames go to `sink`, the first with `extensions`; or answers why not. */
  join(
    args: StreamArguments,
    to: { readonly sink: Outlet; readonly extensions: object },
  ): Promise<Subscription | ExecutionResult>;
  counts(): FanOutCounts;
  /**
   * How many subscriptions of this process that follow a channel are yet to be shown this event. Who is only about to
   * learn where his cursor lies is not counted, whether he will be or not.
   */
  awaiting(event: LoggedEvent, channel: string): number;
}

/** Makes what one event is executed with for everybody of one view. */
export type CreateViewContext = (view: View) => Context;

export interface FanOutOptions {
  readonly createViewContext: CreateViewContext;
  /** Events that may wait for a group's frames. */
  readonly queueLimit: number;
  readonly frames?: FrameCache;
  readonly logger: Logger;
  readonly translate: TranslateError;
  /** Told the code of every error in a frame, once for all who get it. */
  readonly onCode?: ((code: ErrorCode) => void) | undefined;
}

export function createFanOut(options: FanOutOptions): FanOut {
  const groups = new Map<string, Group>();
  const { queueLimit, frames = createFrameCache() } = options;
  const counts: DeliveryCounts = { executions: 0, deliveries: 0, slowClosed: 0, conflated: 0 };
  const delays = createHistogram(LATENCY_BOUNDS_MS);
  const open = createTally<string>();
  const followers = createAttendance<Subscriber>();

  /** Adds a subscriber to those who planned the same. */
  async function seat(subscriber: Subscriber, source: Source, from: Beginning): Promise<void> {
    const { operation } = subscriber;
    const key = `${source.key} ${groupKeyOf(operation)}`;
    const group = groups.get(key) ?? openGroup(key, source, operation);
    await group.join(subscriber, from);
  }

  const regroup: Regroup = (subscriber, source, from) => {
    seat(subscriber, source, from).catch((error) => subscriber.end(error));
  };

  function openGroup(key: string, source: Source, args: ExecutionArgs): Group {
    const makeFrame = frameMaker(options, { args, counts });
    const group = groupOf(source, { makeFrame, onEmpty: () => void groups.delete(key) });
    groups.set(key, group);
    return group;
  }

  function groupOf(
    source: Source,
    { makeFrame, onEmpty }: Pick<GroupOptions, 'makeFrame' | 'onEmpty'>,
  ): Group {
    if (source.kind === 'state') {
      const { createViewContext: readerOf } = options;
      return new StateGroup(source, { makeFrame, onEmpty, counts, readerOf });
    }
    const { conflation } = source;
    if (!conflation)
      return new EventGroup(source, { makeFrame, onEmpty, counts, delays, queueLimit, frames });
    return new ConflatedGroup(source, { makeFrame, onEmpty, counts, frames, ...conflation });
  }

  /** Counts a subscriber until he is over. */
  function enter(
    subscriber: Subscriber,
    { field, names }: { readonly field: string; readonly names: readonly string[] },
  ): void {
    open.add(field);
    followers.enter(subscriber, names);
    subscriber.whenOver(() => {
      open.add(field, -1);
      followers.leave(subscriber, names);
    });
  }

  return {
    async join(args, { sink, extensions }) {
      const source = await openSource(args);
      if (!('listen' in source)) return source;
      const subscriber = new Subscriber(args, { sink, extensions, source, regroup });
      enter(subscriber, {
        field: rootFieldOf(args),
        names: subscriber.channels.map((channel) => nameOf(venueOf(args.contextValue.actor), channel)),
      });
      try {
        await sink.begins(subscriber);
        if (subscriber.isOver) return subscriber;
        const { lastEventId } = args.contextValue;
        // His rights may have changed meanwhile.
        await seat(subscriber, subscriber.source ?? source, lastEventId ?? afterOf(source));
      } catch (error) {
        subscriber.end();
        throw error;
      }
      return subscriber;
    },
    counts: () => ({
      ...counts,
      subscriptions: [...open.counts.values()].reduce((sum, count) => sum + count, 0),
      byField: open.counts,
      groups: groups.size,
      delays,
    }),
    awaiting(event, channel) {
      let count = 0;
      for (const each of followers.of(nameOf(event.venueId, channel))) if (each.awaits(event)) count += 1;
      return count;
    },
  };
}

/** A channel among those of all venues. */
const nameOf = (venueId: string, channel: string): string => `${venueId} ${channel}`;

const venueOf = (actor: Actor): string => (isSignedIn(actor) ? actor.venueId : '');

/** Where a reader left off, as his arguments say. */
function afterOf(source: Source): string | null {
  if (source.kind === 'events') return source.after;
  return source.resumption?.after ?? null;
}

/** A subscription has exactly one. */
function rootFieldOf({ document, operationName }: ExecutionArgs): string {
  const operation = getOperationAST(document, operationName);
  const [field = ''] = operation ? rootFieldsOf(document, operation) : [];
  return field;
}

/**
 * Executes a group's operation for all who have one view. Faults are told under a number of the
 * execution's own, for no single request asked for it.
 */
function frameMaker(
  { createViewContext, logger, translate, onCode }: FanOutOptions,
  { args, counts }: { readonly args: ExecutionArgs; readonly counts: DeliveryCounts },
): MakeFrame {
  // Nothing of whoever came first: he may be gone long before the group.
  const { schema, document, operationName, variableValues } = args;

  const logOf = (requestId: string) => {
    const log = createRequestLog({ logger, transport: 'fan-out', translate, onCode }, requestId);
    log.streaming();
    return log.errors;
  };

  function write(result: ExecutionResult, context: Context, cursor: string | null): Frame {
    const told = result.errors ? publicResult(placedResult(args, result), logOf(context.requestId)) : result;
    return createFrame(JSON.stringify(told), cursor);
  }

  function writeFault(error: unknown, cursor: string | null): Frame {
    const errors = [asGraphQLError(error)];
    return createFrame(JSON.stringify(publicResult({ data: null, errors }, logOf(newId()))), cursor);
  }

  const executeFrame = prepareFrames({ schema, document, operationName, variableValues });
  return (view, { value, cursor }) => {
    counts.executions += 1;
    try {
      const contextValue = createViewContext(view);
      const executing = executeFrame(contextValue, value);
      // What has to wait for nobody leaves nothing behind for the next event to carry.
      if (!(executing instanceof Promise)) return write(executing, contextValue, cursor);
      return executing
        .then((result) => write(result, contextValue, cursor))
        .catch((error) => writeFault(error, cursor));
    } catch (error) {
      return writeFault(error, cursor);
    }
  };
}
