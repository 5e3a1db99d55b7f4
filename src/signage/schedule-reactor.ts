import type { LoggedEvent } from '../events/events.ts';
import type { Reactor } from '../events/reaction.ts';
import type { Work } from '../work.ts';
import { turnConditions } from './condition-service.ts';
import { settleMeant } from './schedule-service.ts';
import { joinTakeovers } from './takeover-service.ts';
import { EVERYWHERE } from './targets.ts';

const TYPES = [
  'machine.jackpot-changed',
  'parking.occupancy-changed',
  'auth.venue-updated',
  'auth.device-registered',
  'signage.device-updated',
] as const;
type ReactedTo = (typeof TYPES)[number];

/** What schedules and takeovers have screens show because of what happens elsewhere. */
export const scheduleReactor: Reactor<ReactedTo, Work> = {
  name: 'schedules',
  types: TYPES,
  // What each does goes by how things stand then, and no screen may stay outside a takeover.
  whenItFails: 'SET_ASIDE',
  react: (work, event: LoggedEvent<ReactedTo>) => {
    const { venueId } = event;
    switch (event.type) {
      case 'machine.jackpot-changed':
        return turnConditions(work, venueId, { jackpotId: event.payload.jackpotId });
      case 'parking.occupancy-changed':
        return turnConditions(work, venueId, { lotId: event.payload.lotId });
      case 'auth.venue-updated':
        // It may be another time there now.
        return settleMeant(work, venueId, [EVERYWHERE]);
      case 'auth.device-registered':
      case 'signage.device-updated':
        // A schedule that was saved meanwhile did not see it so.
        return joinTakeovers(work, venueId, event.payload.deviceId);
    }
  },
};
