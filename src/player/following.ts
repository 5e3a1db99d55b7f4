import { SignedOutError } from '../client/errors.ts';
import type { FloorClient } from '../client/floor-client.ts';
import type { Timers } from '../client/timers.ts';
import { type DeviceSession, isNotTaken } from './device-session.ts';
import { PLAYER, type PlayerUpdate } from './documents.ts';

/** Told of what went wrong: `isFinal` where nothing but other credentials helps, else it is tried again. */
export type OnFault = (error: unknown, fault: { readonly isFinal: boolean }) => void;

export interface FollowingOptions {
  readonly client: Pick<FloorClient, 'on'>;
  readonly session: Pick<DeviceSession, 'generation' | 'forget'>;
  readonly timers: Timers;
  readonly hear: (update: PlayerUpdate) => void;
  readonly onFault: OnFault;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Follows a device's own stream for as long as the server takes the device: when its session was ended it signs in
 * again. Answers how to stop.
 */
export function followPlayer({ client, session, timers, hear, onFault }: FollowingOptions): () => void {
  let waitMs = FIRST_WAIT_MS;
  let begunMs = 0;
  let cancel = () => {};
  let leave = () => {};

  function again(): void {
    // Each time later, unless it went well for long: two that share a code do not drive each other out all the time.
    if (timers.now() - begunMs > LONGEST_WAIT_MS) waitMs = FIRST_WAIT_MS;
    cancel = timers.after(waitMs * (0.5 + timers.random() / 2), begin);
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
  }

  function begin(): void {
    begunMs = timers.now();
    let { generation } = session;
    leave = client.on<{ readonly player: PlayerUpdate }>(
      { query: PLAYER, variables: { after: null } },
      {
        next({ data, errors }) {
          // Of the session that this was heard in.
          generation = session.generation;
          if (data?.player) hear(data.player);
          else onFault(errors, { isFinal: false });
        },
        error(error) {
          const isFinal = isNotTaken(error);
          onFault(error, { isFinal });
          if (error instanceof SignedOutError) session.forget(generation);
          if (!isFinal) again();
        },
        complete: again,
        // Whoever comes back is shown the present, whatever he has missed.
        gap: () => null,
      },
    );
  }

  begin();
  return () => {
    cancel();
    leave();
  };
}
