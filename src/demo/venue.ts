import type { NewVenue } from '../auth/venue.ts';
import type { Role } from '../lib/actor.ts';
import type { RateTerms } from '../parking/rate.ts';
import type { NewSpaces } from '../parking/space.ts';

/**
 * The venue that a first start seeds, so that everything can be tried at once. Its passwords are
 * printed in README: it answers on loopback only, and never in production.
 */
export const DEMO_VENUE: NewVenue = {
  slug: 'demo',
  name: 'Demo Venue',
  timeZone: 'Europe/Vienna',
  currency: 'USD',
  isDemo: true,
};

export interface DemoUser {
  readonly username: string;
  readonly displayName: string;
  readonly email: string;
  readonly password: string;
  readonly roles: readonly Role[];
  /** What he has paid in, in minor units of the venue's currency; without it he has no wallet. */
  readonly depositMinor?: bigint;
}

export const DEMO_USERS: readonly DemoUser[] = [
  {
    username: 'admin',
    displayName: 'Ada Admin',
    email: 'admin@demo.example',
    password: 'open-the-house-tonight',
    roles: ['ADMIN'],
  },
  {
    username: 'operator',
    displayName: 'Otto Operator',
    email: 'operator@demo.example',
    password: 'walk-across-the-floor',
    roles: ['OPERATOR'],
  },
  {
    username: 'player1',
    displayName: 'Paula Player',
    email: 'player1@demo.example',
    password: 'seven-cherries-in-a-row',
    roles: ['PLAYER'],
    depositMinor: 250_00n,
  },
  {
    username: 'player2',
    displayName: 'Pete Player',
    email: 'player2@demo.example',
    password: 'another-round-of-bells',
    roles: ['PLAYER'],
    depositMinor: 100_00n,
  },
];

export interface DemoLine {
  readonly name: string;
  /** Relative to DATA_DIR: a symlink that the simulated line keeps. */
  readonly port: string;
  readonly machines: readonly DemoMachine[];
}

export interface DemoMachine {
  readonly address: number;
  readonly name: string;
  readonly serialNumber: string;
  /** SAS.md 7.1. */
  readonly denominationCode: number;
  readonly profile?: string;
}

const DENOMINATIONS = [0x01, 0x02, 0x04, 0x06];
const THEMES = [
  'Lucky Harbour',
  'Golden Tram',
  'Silver Comet',
  'Red Lantern',
  'Blue Orchard',
  'Copper Fox',
  'Night Ferry',
  'Jade Garden',
];

export const DEMO_LINES: readonly DemoLine[] = ['A', 'B'].map((letter, line) => ({
  name: `Line ${letter}`,
  port: `lines/line-${letter.toLowerCase()}`,
  machines: [1, 2, 3, 4].map((address, at) => ({
    address,
    name: `${letter}${address} ${THEMES[line * 4 + at]}`,
    serialNumber: `FW-${letter}${String(address).padStart(4, '0')}`,
    denominationCode: DENOMINATIONS[at] ?? 0x01,
    // So that restartMachine can be tried, and refused.
    ...(letter === 'A' && { profile: 'maintenance-restart' }),
  })),
}));

export interface DemoResource {
  readonly kind: 'TABLE' | 'ROOM' | 'BENCH';
  readonly name: string;
  readonly slotMinutes?: number;
  readonly capacity?: number;
  /** In minor units of the venue's currency. */
  readonly priceMinor?: bigint;
}

export const DEMO_RESOURCES: readonly DemoResource[] = [
  { kind: 'BENCH', name: 'Lab bench 1' },
  { kind: 'TABLE', name: 'Poker table', capacity: 8, priceMinor: 5_00n },
  { kind: 'ROOM', name: 'Salon', slotMinutes: 30, priceMinor: 12_50n },
];

export interface DemoLot {
  readonly name: string;
  readonly address: string;
  readonly location: { readonly latitude: number; readonly longitude: number };
  readonly capacity: number;
  readonly countedBy: 'STAYS' | 'GATES' | 'SENSORS';
  readonly spaces?: readonly NewSpaces[];
  /** In minor units of the venue's currency. */
  readonly rate: RateTerms;
}

export const DEMO_LOTS: readonly DemoLot[] = [
  {
    name: 'Garage',
    address: 'Kärntner Straße 41, Vienna',
    location: { latitude: 48.2037, longitude: 16.3706 },
    capacity: 40,
    countedBy: 'STAYS',
    spaces: [
      { prefix: 'A-', first: 1, last: 30, digits: 2, kind: 'STANDARD' },
      { prefix: 'E-', first: 1, last: 6, digits: 2, kind: 'ELECTRIC' },
      { prefix: 'H-', first: 1, last: 4, digits: 2, kind: 'ACCESSIBLE' },
    ],
    rate: { priceMinor: 1_50n, perMinutes: 30, graceMinutes: 10, dailyCapMinor: 24_00n },
  },
  {
    name: 'Yard',
    address: 'Prater 7, Vienna',
    location: { latitude: 48.2166, longitude: 16.3958 },
    capacity: 120,
    countedBy: 'GATES',
    rate: { priceMinor: 50n, perMinutes: 60, graceMinutes: 0, dailyCapMinor: null },
  },
];

/** For `floorwire player`: its pairing code is as public as the passwords. */
export const DEMO_SCREEN = {
  deviceNumber: 'LOBBY-1',
  serialNumber: 'SN-0007',
  pairingCode: 'DEMOS-CREEN-INTHE-LOBBY-00001',
  name: 'In the lobby',
};
