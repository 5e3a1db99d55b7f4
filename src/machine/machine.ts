import type { Features } from '../sas/codec/features.ts';
import type { HostCashOut } from './aft-cash-out.ts';
import type { Requester } from './command.ts';

/** One electronic gaming machine (EGM) at an address of a SAS line, as it was last seen. */
export interface Machine {
  readonly id: string;
  readonly venueId: string;
  readonly lineId: string;
  /** 1–127. */
  readonly address: number;
  readonly name: string;
  readonly connection: Connection;
  readonly connectionChangedAt: Date | null;
  readonly lastSeenAt: Date | null;
  readonly inGame: boolean;
  readonly lock: MachineLock | null;
  /** Null until floorwire switched it the first time: the machine does not tell. */
  readonly billAcceptorEnabled: boolean | null;
  readonly identity: MachineIdentity | null;
  /** Since when another machine stands there than before; null while it is the first. */
  readonly exchangedAt: Date | null;
  /** The name of the profile it is driven by; null: as SAS is written. */
  readonly profile: string | null;
  /** Whether it is to offer the host what a player cashes out. */
  readonly hostCashOut: HostCashOut;
  /** Grows with every change of this row. */
  readonly version: bigint;
  /** Grows when it is registered anew. */
  readonly registrationVersion: number;
  readonly createdAt: Date;
  /** When it was taken off the floor: nobody polls it any more. */
  readonly removedAt: Date | null;
}

/** Whether it is registered at this place now: whoever drives a line hears a moment later that one was moved. */
export const isAt = (machine: Machine, place: Pick<Machine, 'lineId' | 'address'>): boolean =>
  machine.removedAt === null && machine.lineId === place.lineId && machine.address === place.address;

export type Connection = 'ONLINE' | 'OFFLINE' | 'UNKNOWN';

export interface MachineLock {
  readonly reason: string;
  readonly lockedAt: Date;
  /** Who had it locked; null when floorwire did. */
  readonly lockedBy: Requester | null;
}

/** What the machine says of itself (polls 1F, 54, 51 and A0). */
export interface MachineIdentity {
  readonly serialNumber: string | null;
  /** `602` is SAS 6.02. */
  readonly sasVersion: string | null;
  readonly gameId: string | null;
  readonly paytableId: string | null;
  /** Theoretical payback, e.g. `90.68`. */
  readonly basePercent: string | null;
  /** Accounting denomination code (SAS.md 7.1): what one credit on the meters is worth. */
  readonly denominationCode: number | null;
  /** Three letters more than the game id. */
  readonly additionalId: string | null;
  /** In credits; 255 is 255 or more. */
  readonly maxBet: number | null;
  /** 0 on a machine with a single game. */
  readonly numberOfGames: number | null;
  /** Given to it by an operator at the machine. */
  readonly assetNumber: number | null;
  readonly capabilities: Capabilities | null;
  /** The numbers of the games that may be played; null where there is a single one, or it does not tell. */
  readonly enabledGames: readonly number[] | null;
  /** The game on its screen; 0 is none, or the menu. */
  readonly selectedGame: number | null;
  /** What players may wager with (SAS.md 7.1); null where there is only the accounting denomination. */
  readonly enabledDenominations: readonly number[] | null;
}

/** What the machine can do, by its feature bits (SAS.md 6.4). */
export type Capabilities = Features;

export type MachineStatus = 'REMOVED' | 'UNKNOWN' | 'OFFLINE' | 'LOCKED' | 'PLAYING' | 'IDLE';

/** The one word for a machine's state; what hinders play most comes first. */
export function statusOf(machine: Machine): MachineStatus {
  if (machine.removedAt) return 'REMOVED';
  if (machine.connection !== 'ONLINE') return machine.connection;
  if (machine.lock) return 'LOCKED';
  return machine.inGame ? 'PLAYING' : 'IDLE';
}

/** A serial bus with the machines on it. */
export interface SasLine {
  readonly id: string;
  readonly venueId: string;
  readonly name: string;
  /** A device path, a symlink to one, or `tcp://host:port`. */
  readonly port: string;
  readonly wakeupMode: WakeupMode;
  /** The name of the profile of its adapter, which its machines share unless they have their own. */
  readonly profile: string | null;
  /** Which drivers may drive it: those that name this in SAS_DRIVES. */
  readonly drivenBy: string;
  /** Which one does, or did until it was lost; null while none does. */
  readonly driver: LineHolder | null;
  /** Grows when it is configured anew. */
  readonly version: number;
  readonly state: LineState;
  readonly cause: string | null;
  readonly changedAt: Date | null;
  /** Since when its port is open and none of its machines answers, though one did before; null otherwise. */
  readonly silentSince: Date | null;
  readonly statistics: LineCounts | null;
  readonly statisticsAt: Date | null;
  /** When it was taken off the floor: nobody drives it any more. */
  readonly removedAt: Date | null;
}

/** What a driver has to know of a line and its machines, to compare with what it knew. */
export function configurationOf(line: SasLine, machines: readonly Machine[]): string {
  return JSON.stringify([
    [line.port, line.wakeupMode, line.profile],
    machines.map(({ id, address, profile }) => [id, address, profile]),
  ]);
}

/** The process that drives a line. */
export interface LineHolder {
  readonly name: string;
  readonly since: Date;
  /** Until then nobody else may drive the line. */
  readonly leaseExpiresAt: Date;
  /** When it was noticed that it does so no longer; null while it does. */
  readonly lostAt: Date | null;
}

/** How the ninth bit travels: in a byte stream, not at all, or as parity of a UART or a port server. */
export type WakeupMode = 'MARKED' | 'PLAIN' | 'PARITY' | 'EVEN_ODD' | 'RFC2217';

export type LineState = 'UP' | 'DOWN' | 'UNKNOWN';

/** Counters since the line's driver started. */
export interface LineCounts {
  readonly polls: number;
  /** Those of the polls that asked for the same answer again. */
  readonly retries: number;
  /** Messages to all machines at once. */
  readonly broadcasts: number;
  readonly replies: number;
  readonly silences: number;
  /** Those of the damaged answers that had a wrong checksum. */
  readonly crcErrors: number;
  readonly damaged: number;
  readonly streamErrors: number;
  readonly discardedBytes: number;
  readonly chirps: number;
  readonly busy: number;
  readonly nacks: number;
  readonly exceptions: number;
  /** How often nobody answered any more, though somebody had. */
  readonly loopBreaks: number;
  /** Messages with a pause of more than 4 ms inside; 5 ms break them off. */
  readonly longGaps: number;
  /** The longest pause inside a message; null where none is measured. */
  readonly worstGapMs: number | null;
  readonly reopenings: number;
}

/** Whether another machine says this of itself than what is known: by its serial number, or else by its asset number. */
export function isAnother(known: MachineIdentity, said: MachineIdentity): boolean {
  if (known.serialNumber && said.serialNumber) return known.serialNumber !== said.serialNumber;
  return known.assetNumber !== null && said.assetNumber !== null && known.assetNumber !== said.assetNumber;
}
