import type { Scope } from '../lib/actor.ts';
import { builder } from './builder.ts';

export const ScopeEnum = builder.enumType('Scope', {
  description: 'What may be done, coarsely. A field says which scope it needs.',
  values: {
    PROFILE: { description: 'Its own account.' },
    VENUES_READ: { description: 'The venues it may sign in to.' },
    VENUES_WRITE: { description: 'Making venues and changing its own.' },
    USERS_READ: { description: 'The users of the venue.' },
    USERS_WRITE: { description: 'Making users of the venue, their roles, locking and unlocking them.' },
    API_KEYS_READ: { description: 'The API keys of the venue, without their secrets.' },
    API_KEYS_WRITE: { description: 'Making and revoking API keys of the venue.' },
    AUDIT_READ: { description: 'The audit log of the venue.' },
    MACHINES_READ: {
      description: 'Lines, machines, meters and machine events of the venue, and their streams.',
    },
    MACHINES_CONTROL: { description: 'Commands to the machines of the venue.' },
    MACHINES_CONFIGURE: { description: 'Which lines and machines the venue has, and where they are.' },
    WALLETS_READ: { description: 'Wallets: a PLAYER’s own, and for anybody else all of the venue.' },
    WALLETS_USE: { description: 'Moving and holding the money of its own wallets.' },
    WALLETS_POST: {
      description:
        'Opening, seeing and posting to every wallet of the venue, moving and holding its money, and settling what is in doubt.',
    },
    BOOKINGS_READ: { description: 'Resources, their slots, and its own bookings.' },
    BOOKINGS_WRITE: { description: 'Booking, holding and cancelling slots for itself.' },
    BOOKINGS_MANAGE: {
      description:
        'All bookings of the venue, its resources, blocks and limits, and what became of each that was made or changed.',
    },
    PARKING_READ: { description: 'Parking lots, how full they are, and its own reservations and stays.' },
    PARKING_WRITE: { description: 'Reserving places and parking for itself.' },
    PARKING_MANAGE: { description: 'All reservations and stays of the venue, its parking lots and rates.' },
    DEVICES_READ: { description: 'To see the devices of the venue, what they are told and what they say.' },
    DEVICES_CONTROL: { description: 'To send devices commands.' },
    DEVICES_MANAGE: { description: 'To say which devices there are, whose they are and in which groups.' },
    SIGNAGE_READ: { description: 'To see layouts, media, schedules and what screens show.' },
    SIGNAGE_WRITE: { description: 'To say what screens show.' },
    FIRMWARE_WRITE: { description: 'To give devices another firmware.' },
    CHANNELS_READ: {
      description:
        'The channel of the venue, its own, and the custom ones that are for it; of ADMIN and AUDITOR all of the venue.',
    },
    CHANNELS_BROADCAST: { description: 'Saying something to the venue, its people and its devices.' },
    REALTIME_READ: { description: 'Who is connected to the venue, and how the server is doing.' },
    REALTIME_CONTROL: { description: 'Closing connections of others at the venue.' },
    NOTIFICATIONS_SEND: { description: 'Telling people of the venue something.' },
    ALERTS_READ: { description: 'What the venue has watched, and its alerts.' },
    ALERTS_WRITE: { description: 'Saying what is watched, and acknowledging alerts.' },
    DEVICE: { description: 'What a device may: its own stream and reports.' },
  } satisfies Record<Scope, { description: string }>,
});
