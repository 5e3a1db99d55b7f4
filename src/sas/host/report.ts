/** What the host tells about a line and its machines. Values, not bytes. */
import type { EventData } from '../codec/event-data.ts';
import type { Features } from '../codec/features.ts';

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
  readonly features: Features | null;
  /** Left out unless a poll told it; the polls of this host do not. */
  readonly assetNumber?: number | null;
}

/** A meter as read. It rolls over where `bcdBytes` end: `modulusOf(bcdBytes)`. */
export interface MeterReading {
  readonly value: bigint;
  readonly bcdBytes: number;
}

export interface LineReport {
  readonly kind: 'line';
  readonly state: 'UP' | 'DOWN';
  /** Why the line is down, if known. */
  readonly cause: string | null;
  readonly at: Date;
}

export interface LinkReport {
  readonly kind: 'link';
  readonly address: number;
  readonly state: 'ONLINE' | 'OFFLINE';
  readonly at: Date;
}

export interface IdentityReport {
  readonly kind: 'identity';
  readonly address: number;
  readonly at: Date;
  readonly identity: MachineIdentity;
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

export type HostReport = LineReport | LinkReport | IdentityReport | ExceptionReport | MetersReport;
