import type { EventType } from '../events/events.ts';
import type { Reactor } from '../events/reaction.ts';
import { type JobOptions, startJobForEach } from '../job.ts';
import { system } from '../lib/actor.ts';
import type { Wakeable } from '../lib/wakeable.ts';
import type { Work } from '../work.ts';
import { endEditingOf, expireEditing } from './editing-service.ts';
import { listLayoutsLeft } from './editing-store.ts';
import { makePush } from './layout-push-service.ts';
import { listDuePushes } from './layout-push-store.ts';

const BATCH = 64;
const ACTOR = system('signage-jobs');

/** Makes pushes whose time has come. */
export const startLayoutPushes = (options: JobOptions): Wakeable =>
  startJobForEach(options, {
    actor: ACTOR,
    list: ({ tx, now }) => listDuePushes(tx, { now, limit: BATCH }),
    act: makePush,
  });

/** Has those be gone who have not said that they still work on a layout. */
export const startEditingExpiry = (options: JobOptions): Wakeable =>
  startJobForEach(options, {
    actor: ACTOR,
    list: ({ tx, now }) => listLayoutsLeft(tx, { now, limit: BATCH }),
    act: expireEditing,
  });

/** Who is signed out works on nothing any more. */
export const EDITING_REACTOR: Reactor<EventType, Work> = {
  name: 'layout-editing',
  types: ['auth.session-revoked', 'auth.api-key-revoked'],
  // Who says no more that he is there is gone half a minute later.
  whenItFails: 'LEAVE_OUT',
  async react(work, event) {
    if (event.type === 'auth.session-revoked') await endEditingOf(work, event.payload.sessionId);
    if (event.type === 'auth.api-key-revoked') await endEditingOf(work, event.payload.apiKeyId);
  },
};
