/** How the host behaves where SAS leaves it open: times, meters to read, and which exceptions make it look. */
import { type ExceptionName, exceptionCode } from '../codec/exceptions.ts';
import { meterCode } from '../codec/meters.ts';
import type { MachineProfile } from './machine-profile.ts';

/** All in milliseconds unless they say otherwise. */
export interface HostTiming {
  /** How long a reply may take to start, after the last byte of the request is on the wire. */
  readonly responseTimeoutMs: number;
  /** How long a pause inside a reply may be, the delay of adapters included; a pause this long ends the reply. */
  readonly interByteGapMs: number;
  /** From one poll of a machine to its next. */
  readonly pollPeriodMs: number;
  /** The same for a machine whose feature bits allow it. */
  readonly fastPollPeriodMs: number;
  /** From one read of all meters of a machine to the next; exceptions bring reads of their own. */
  readonly meterIntervalMs: number;
  /** From one look at the clock of a machine to the next. */
  readonly clockIntervalMs: number;
  /** From one broadcast of what a progressive group stands at to the next; machines miss it after 5 s. */
  readonly progressiveIntervalMs: number;
  /** How many polls in a row a machine may leave unanswered before it is offline. */
  readonly missedPollsUntilOffline: number;
  /** A machine that sends only damaged bytes for so long is offline. */
  readonly damagedUntilOfflineMs: number;
  /** From one poll of an offline machine to the next; it grows to five times as much. */
  readonly probeIntervalMs: number;
  /** For so long after trouble on the line, a lone exception byte counts only when it comes twice. */
  readonly suspicionMs: number;
  /** How often a machine whose exception waits to be stored is polled, so that it does not drop the link after 5 s. */
  readonly keepaliveMs: number;
  /** The first wait before the line is opened again; it doubles up to `reopenMaxMs`. */
  readonly reopenMinMs: number;
  readonly reopenMaxMs: number;
}

/** A real line behind a USB adapter: 20 ms for the machine, 20 ms for the adapter (SAS.md 2.1). */
export const UART_TIMING: HostTiming = {
  responseTimeoutMs: 40,
  interByteGapMs: 20,
  pollPeriodMs: 200,
  fastPollPeriodMs: 40,
  meterIntervalMs: 5_000,
  clockIntervalMs: 3_600_000,
  progressiveIntervalMs: 1_000,
  missedPollsUntilOffline: 3,
  damagedUntilOfflineMs: 5_000,
  probeIntervalMs: 1_000,
  suspicionMs: 5_000,
  keepaliveMs: 1_000,
  reopenMinMs: 100,
  reopenMaxMs: 5_000,
};

/** A pseudo-terminal or TCP gateway: whoever answers there may have to wait for a processor first. */
export const STREAM_TIMING: HostTiming = { ...UART_TIMING, responseTimeoutMs: 200 };

/** Meter codes of SAS.md 8. */
export interface MeterSelection {
  /** What a game changes: read after exceptions and in every sweep. Ten fit one poll. */
  readonly fast: readonly number[];
  /** Read in sweeps, and after exceptions that touch bills. */
  readonly slow: readonly number[];
}

export const DEFAULT_METERS: MeterSelection = {
  fast: [
    meterCode('CURRENT_CREDITS'),
    meterCode('COIN_IN'),
    meterCode('COIN_OUT'),
    meterCode('TOTAL_DROP'),
    meterCode('JACKPOT'),
    meterCode('CANCELLED_CREDITS'),
    meterCode('GAMES_PLAYED'),
    meterCode('GAMES_WON'),
    meterCode('GAMES_LOST'),
    meterCode('BILLS_ACCEPTED_CREDITS'),
  ],
  slow: [
    meterCode('BILLS_ACCEPTED_1'),
    meterCode('BILLS_ACCEPTED_2'),
    meterCode('BILLS_ACCEPTED_5'),
    meterCode('BILLS_ACCEPTED_10'),
    meterCode('BILLS_ACCEPTED_20'),
    meterCode('BILLS_ACCEPTED_50'),
    meterCode('BILLS_ACCEPTED_100'),
    meterCode('HAND_PAID_CANCELLED_CREDITS'),
    meterCode('BILLS_IN_STACKER'),
    meterCode('BILLS_IN_STACKER_CREDITS'),
  ],
};

/** FAST reads what a game changes; FULL reads everything selected. */
export type ReadScope = 'FAST' | 'FULL';

const FAST_AFTER: readonly ExceptionName[] = [
  'GAME_STARTED',
  'GAME_ENDED',
  'PROGRESSIVE_WIN',
  'SAS_PROGRESSIVE_HIT',
  'LEGACY_BONUS_PAID',
  'HANDPAY_PENDING',
  'HANDPAY_RESET',
  'HANDPAY_CANCELLED_BY_PLAYER',
  'HANDPAY_VALIDATED',
  'CASH_OUT_PRESSED',
  'CASH_OUT_TICKET_PRINTED',
  'TICKET_TRANSFER_COMPLETE',
  'AFT_TRANSFER_COMPLETE',
];

const FULL_AFTER: readonly ExceptionName[] = [
  'BILL_ACCEPTED_1',
  'BILL_ACCEPTED_2',
  'BILL_ACCEPTED_5',
  'BILL_ACCEPTED_10',
  'BILL_ACCEPTED_20',
  'BILL_ACCEPTED_50',
  'BILL_ACCEPTED_100',
  'BILL_ACCEPTED_200',
  'BILL_ACCEPTED_500',
  'BILL_ACCEPTED',
  'SOFT_METERS_RESET',
  'BILL_VALIDATOR_TOTALS_RESET',
  'OPTIONS_CHANGED',
  'POWER_APPLIED',
];

/** Exceptions after which meters have changed, by code. */
export const READ_AFTER: ReadonlyMap<number, ReadScope> = new Map([
  ...FAST_AFTER.map((name) => [exceptionCode(name), 'FAST'] as const),
  ...FULL_AFTER.map((name) => [exceptionCode(name), 'FULL'] as const),
]);

/**
 * What was reported from the field (SAS.md 12), by name; every row a single source's word. Which game ids belong to
 * which maker nobody has published, so none is suggested by itself: `SAS_PROFILES_FILE` adds `suggestFor`.
 */
export const MACHINE_PROFILES: ReadonlyMap<string, MachineProfile> = new Map<string, MachineProfile>([
  ['novomatic', { title: 'Novomatic: EVEN parity throughout', parityMode: 'EVEN' }],
  ['octavian', { title: 'Octavian: EVEN parity throughout', parityMode: 'EVEN' }],
  ['interblock', { title: 'Interblock: 3 ms behind the address', addressGapMs: 3 }],
  ['egt', { title: 'EGT, newer ones: time before parity is switched', paritySettleMs: 1 }],
  ['casino-technology', { title: 'Casino Technology: time before parity is switched', paritySettleMs: 1 }],
  [
    'two-stop-bits',
    { title: 'Machines that know the address by two stop bits', parityMode: 'TWO_STOP_BITS' },
  ],
  ['onboard-uart', { title: 'Lines on a UART without USB between', adapterLatencyMs: 5 }],
  ['hasty-adapter', { title: 'Lines on an adapter that says too early that it has sent', paritySettleMs: 1 }],
  ['late-adapter', { title: 'Lines on an adapter that says it too late', paritySettleMs: 1, drain: 'TIMED' }],
  [
    'maintenance-restart',
    { title: 'Machines that restart by entering and leaving maintenance mode', restart: 'MAINTENANCE_MODE' },
  ],
]);
