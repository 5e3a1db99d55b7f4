/** What the host tells about a line and its machines. Values, not bytes. */
import type { SasDateTime } from '../codec/date-time.ts';
import type { EventData } from '../codec/event-data.ts';
import type { Features } from '../codec/features.ts';
import type { AnswerOf } from '../codec/long-poll.ts';
import type { AftReply } from '../codec/long-polls/aft-reply.ts';
import type { AftRequest } from '../codec/long-polls/aft-transfer.ts';
import type { HandpayKind } from '../codec/long-polls/handpay.ts';
import type { REDEEM_TICKET } from '../codec/long-polls/tickets.ts';
import type { READ_VALIDATION_RECORD } from '../codec/long-polls/validation.ts';

/** What a machine says of itself. Null where it does not know the poll or did not answer it. */
export interface MachineIdentity {
  /** "602" for SAS 6.02. */
  readonly sasVersion: string | null;
  readonly serialNumber: string | null;
  readonly gameId: string | null;
  readonly additionalId: string | null;
  /** The accounting denomination, a code of SAS.md 7.1: credit meters count its units. */
  readonly denominationCode: number | null;
  /** 255 is "255 or more". */
  readonly maxBet: number | null;
  readonly paytableId: string | null;
  /** "9068" is 90.68 %. */
  readonly basePercent: string | null;
  /** 0 on a single-game machine. */
  readonly numberOfGames: number | null;
  /** 0 is none, or the menu. */
  readonly selectedGame: number | null;
  /** Those that are enabled; null on a single-game machine. */
  readonly enabledGames: readonly number[] | null;
  /** What players may wager with, codes of SAS.md 7.1; null where there is only the accounting denomination. */
  readonly enabledDenominations: readonly number[] | null;
  /** What the player wagers with now. */
  readonly currentDenomination: number | null;
  readonly tokenDenomination: number | null;
  readonly features: Features | null;
  /** Set by the operator; null or 0 where there is none. */
  readonly assetNumber: number | null;
}

/** One game of a machine that offers several, or offers it in several denominations. */
export interface GameIdentity {
  /** From 1. */
  readonly game: number;
  readonly gameId: string | null;
  readonly additionalId: string | null;
  readonly denominationCode: number | null;
  readonly maxBet: number | null;
  readonly progressiveGroup: number | null;
  readonly paytableId: string | null;
  readonly basePercent: string | null;
  /** As shown to players; null where the machine does not know poll B5. */
  readonly name: string | null;
}

/** A meter as read. It rolls over where `bcdBytes` end: `modulusOf(bcdBytes)`. */
export interface MeterReading {
  readonly value: bigint;
  readonly bcdBytes: number;
}

/** DOWN is told again when its cause becomes known, or is another. */
export interface LineReport {
  readonly kind: 'line';
  readonly state: 'UP' | 'DOWN';
  /** Why the line is down, if known. */
  readonly cause: string | null;
  readonly at: Date;
}

/**
 * Whether machines are heard on a line whose port is open. BROKEN: nobody answers any more, though somebody did since
 * the port was opened. WHOLE: somebody answers again. A line on which nobody ever answered is neither.
 */
export interface LoopReport {
  readonly kind: 'loop';
  readonly state: 'BROKEN' | 'WHOLE';
  readonly at: Date;
}

/** SILENT: no answer to several polls. DAMAGED: nothing but noise. LINE_DOWN: the port closed. */
export type OfflineCause = 'SILENT' | 'DAMAGED' | 'LINE_DOWN';

export interface LinkReport {
  readonly kind: 'link';
  readonly address: number;
  readonly state: 'ONLINE' | 'OFFLINE';
  /** Why it is offline; null when it is online. */
  readonly cause: OfflineCause | null;
  readonly at: Date;
}

/** What a machine that is not polled says of itself when it is asked (polls 54 and 1F). */
export type StrangerIdentity = Pick<
  MachineIdentity,
  'sasVersion' | 'serialNumber' | 'gameId' | 'additionalId' | 'denominationCode' | 'paytableId'
>;

/** Of whom nothing is known. */
export const UNKNOWN_STRANGER: StrangerIdentity = {
  sasVersion: null,
  serialNumber: null,
  gameId: null,
  additionalId: null,
  denominationCode: null,
  paytableId: null,
};

/**
 * A machine at an address the host does not poll, found by `discover`, or heard because it chirps (SAS.md 5.4): then
 * nobody asked it anything, and it is told of once in a minute.
 */
export interface DiscoveryReport extends StrangerIdentity {
  readonly kind: 'discovery';
  readonly address: number;
  readonly at: Date;
  readonly by: 'SCAN' | 'CHIRP';
}

export interface IdentityReport {
  readonly kind: 'identity';
  readonly address: number;
  readonly at: Date;
  readonly identity: MachineIdentity;
}

/** All games of a machine, whenever it was asked what it is. Only of machines that have several. */
export interface GamesReport {
  readonly kind: 'games';
  readonly address: number;
  readonly at: Date;
  readonly games: readonly GameIdentity[];
}

/** `code` may be one that SAS.md 9.1 does not list. `data` comes with some real-time events only. */
export interface ExceptionReport {
  readonly kind: 'exception';
  readonly address: number;
  readonly at: Date;
  readonly code: number;
  readonly data: EventData | null;
  readonly realTime: boolean;
}

/** One read; by meter code of SAS.md 8. A meter the machine does not have, or sent as nonsense, is left out. */
export interface MetersReport {
  readonly kind: 'meters';
  readonly address: number;
  readonly at: Date;
  readonly values: ReadonlyMap<number, MeterReading>;
}

/**
 * What poll 1B told of a handpay, read as soon as exception 51 (HANDPAY_PENDING) is stored, and acknowledged to the
 * machine only once this report is taken. One for each handpay of the machine's queue.
 *
 * Exception 51 comes before it, and stands alone where the machine does not know 1B or has nothing to tell any more.
 */
export interface HandpayReport {
  readonly kind: 'handpay';
  readonly address: number;
  readonly at: Date;
  /** Null for a level nobody has described: see `level`. */
  readonly type: HandpayKind | null;
  readonly progressiveGroup: number;
  /** 1 to 32 is the level of a progressive; other values are named by `type`. */
  readonly level: number;
  /** Null when the machine sent nonsense. */
  readonly cents: bigint | null;
  /** Paid already, in the machine's own units. */
  readonly partialPay: bigint | null;
  /** Whether the host may have it go to the credit meter (A8, then 94). */
  readonly canGoToCreditMeter: boolean;
  /** As sent. */
  readonly resetId: number;
}

/**
 * A progressive win: of a level the host broadcasts (exception 56 and poll 85), or one the machine paid (exception 54
 * and poll 84). Acknowledged to the machine only once this report is taken.
 */
export interface ProgressiveWinReport {
  readonly kind: 'progressive';
  readonly address: number;
  readonly at: Date;
  readonly by: 'SAS_PROGRESSIVE' | 'MACHINE';
  readonly group: number;
  readonly level: number;
  readonly cents: bigint | null;
}

/** The answer to `startRomSignature`, seconds or minutes later. */
export interface SignatureReport {
  readonly kind: 'signature';
  readonly address: number;
  readonly at: Date;
  /** 16 bits: the CRC of the program memory, begun with `seed`. */
  readonly signature: number;
  /** What this host asked with last; null when it did not ask. */
  readonly seed: number | null;
}

/**
 * The machine's clock, read after it came online, every hour, and once more after it was set, where the host was given
 * a local time.
 */
export interface ClockReport {
  readonly kind: 'clock';
  readonly address: number;
  readonly at: Date;
  /** Null when the machine's clock shows nothing of the calendar. */
  readonly shown: SasDateTime | null;
  /** Seconds the machine is ahead; negative when behind. Null with `shown`. */
  readonly driftSeconds: number | null;
  /** Whether it is further off than it may be. */
  readonly isOff: boolean;
  /** Whether the host goes on to set it for that. */
  readonly isBeingSet: boolean;
}

/**
 * What a machine answered to poll 72: to a command, or to the interrogation that follows exception 69
 * (AFT_TRANSFER_COMPLETE) and its coming online. Acknowledged to the machine only once this report is taken, and it may
 * come again: what it says is to be booked by its transaction id. `transferResult` says what it means.
 */
export interface TransferReport {
  readonly kind: 'transfer';
  readonly address: number;
  readonly at: Date;
  /** Null when the port closed meanwhile: it may be what an earlier poll 72 was answered with. */
  readonly asked: AftRequest | null;
  /** How often it was asked; after 1 no answer was lost. */
  readonly attempts: number;
  readonly answer: AftReply;
}

/**
 * What a machine says of tickets under way, asked when it came online (SAS.md 5.5): 71 FF and 4D FF, as far as its
 * features say that it knows them. Acknowledged to the machine only once this report is taken.
 */
export type RecoveryReport = {
  readonly kind: 'recovery';
  readonly address: number;
  readonly at: Date;
} & Recovered;

export type Recovered =
  | { readonly poll: 'REDEEM_TICKET'; readonly answer: AnswerOf<typeof REDEEM_TICKET> }
  | {
      readonly poll: 'READ_VALIDATION_RECORD';
      readonly answer: AnswerOf<typeof READ_VALIDATION_RECORD>;
    };

export type HostReport =
  | LineReport
  | LoopReport
  | LinkReport
  | DiscoveryReport
  | IdentityReport
  | GamesReport
  | ExceptionReport
  | MetersReport
  | HandpayReport
  | ProgressiveWinReport
  | SignatureReport
  | ClockReport
  | TransferReport
  | RecoveryReport;

/** Reports about one machine. */
export type MachineReport = Exclude<HostReport, LineReport | LoopReport>;

export const isOfMachine = (report: HostReport): report is MachineReport =>
  report.kind !== 'line' && report.kind !== 'loop';
