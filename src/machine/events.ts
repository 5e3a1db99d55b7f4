import type { AftTransferSnapshot } from './aft-snapshot.ts';
import type { CommandFailure, CommandKind, CommandState } from './command.ts';
import type { StrangerIdentity } from './discovered-address.ts';
import type { HandpayKind, HandpayMethod } from './handpay.ts';
import type { MachineEventType } from './machine-event.ts';
import type { MeterSnapshot } from './meter.ts';
import type { RecoveryKind } from './recovery-store.ts';

/** Snapshots as the log keeps them: JSON values, times as ISO 8601. */
export interface MachineEventSnapshot {
  readonly id: string;
  readonly machineId: string;
  readonly type: MachineEventType;
  readonly exceptionCode: number | null;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly occurredAt: string;
}

export interface CommandSnapshot {
  readonly id: string;
  readonly machineId: string;
  readonly lineId: string;
  readonly kind: CommandKind;
  /** With what it was asked: this and the next two. Entries of before they were told have none of them. */
  readonly reason?: string | null;
  readonly handpayMethod?: HandpayMethod | null;
  readonly game?: number | null;
  readonly state: CommandState;
  readonly outcome: CommandFailure | null;
  readonly attempts: number;
}

export interface JackpotSnapshot {
  readonly jackpotId: string;
  readonly name: string;
  readonly group: number;
  readonly level: number;
  readonly cents: string;
  readonly resetCents: string;
  readonly version: number;
  readonly changedAt: string;
}

export interface HandpaySnapshot {
  readonly handpayId: string;
  readonly machineId: string;
  readonly kind: HandpayKind | null;
  readonly progressiveGroup: number;
  readonly level: number;
  readonly cents: string | null;
  readonly partialPay: string | null;
  readonly canGoToCreditMeter: boolean;
  readonly pendingAt: string;
}

/** Who drove which line, and in which epoch of its lease. */
export interface LineHolding {
  readonly lineId: string;
  readonly driver: string;
  readonly epoch: string;
}

/** A transfer meter that counted something else than the ledger has booked, in cents; above zero it counted more. */
export interface AftDifference {
  readonly meter: string | null;
  readonly code: number;
  readonly countedCents: string;
  readonly bookedCents: string;
  readonly differenceCents: string;
}

/** Which addresses of a line a search looks at, the first and the last. */
export interface LineRange {
  readonly lineId: string;
  readonly fromAddress: number;
  readonly toAddress: number;
}

declare module '../events/events.ts' {
  interface EventMap {
    /** The machine said something, or something was done to it. */
    'machine.event-raised': {
      readonly event: MachineEventSnapshot;
      /** Of the machine's row when it happened. */
      readonly machineVersion: string;
      /** Whether the bill acceptor takes bills, as far as floorwire knows. */
      readonly billAcceptorEnabled: boolean | null;
    };
    /** A machine was put at this address of a line: a new one, or one that was elsewhere. */
    'machine.registered': { readonly machineId: string; readonly lineId: string; readonly address: number };
    /** A machine was taken off the floor. */
    'machine.removed': { readonly machineId: string; readonly lineId: string };
    /** Somebody took note of an event, the first who did. */
    'machine.event-acknowledged': {
      readonly eventId: string;
      readonly machineId: string;
      readonly note: string | null;
    };
    /** A jackpot was set up, grew, or began anew. `cents` is what it stands at. */
    'machine.jackpot-changed': JackpotSnapshot;
    /** A machine won a jackpot. `cents` is what it told; null when that was nonsense. */
    'machine.jackpot-won': {
      readonly jackpotId: string;
      readonly machineId: string;
      readonly cents: string | null;
    };
    /** A machine told of money that an attendant has to pay. `cents` is null when that was nonsense. */
    'machine.handpay-recorded': HandpaySnapshot;
    /** It was reset: by this command and to there, or, where they are null, by an attendant at the machine. */
    'machine.handpay-reset': {
      readonly handpayId: string;
      readonly machineId: string;
      readonly resetAt: string;
      readonly method: HandpayMethod | null;
      readonly commandId: string | null;
    };
    /** What a machine says of its tickets as it comes online, when that is not what it said before. */
    'machine.recovery-recorded': {
      readonly machineId: string;
      readonly kind: RecoveryKind;
      readonly answer: Readonly<Record<string, unknown>>;
      readonly at: string;
    };
    /** A transfer was ordered, or came to its next state: how it stands now. */
    'machine.aft-transfer-changed': { readonly transfer: AftTransferSnapshot };
    /** What the machine says that moved is not what a person settled the transfer with. Amounts are minor units. */
    'machine.aft-transfer-contradicted': {
      readonly transferId: string;
      readonly machineId: string;
      readonly currency: string;
      readonly saidMinor: string;
      readonly bookedMinor: string;
    };
    /**
     * Between two instants the transfer meters of a machine and the ledger moved differently. Told once: the next
     * comparison begins where this one ended.
     */
    'machine.aft-discrepancy-found': {
      readonly machineId: string;
      readonly from: string;
      readonly to: string;
      readonly differences: readonly AftDifference[];
    };
    'machine.command-queued': { readonly command: CommandSnapshot };
    'machine.command-finished': { readonly command: CommandSnapshot };
    /** A driver began to drive a line. Epochs of a line grow. */
    'machine.line-taken': LineHolding;
    /** It gave the line back: any driver of it may take it at once. */
    'machine.line-released': LineHolding;
    /** It was not heard of for as long as its lease: it is dead, or cut off from the database. */
    'machine.driver-lost': LineHolding;
    /** Somebody wants to know which machines are on a line: the driver of the line looks for them. */
    'machine.discovery-requested': LineRange;
    'machine.discovery-started': LineRange;
    /** `asked` of `total`; told ten times at most. */
    'machine.discovery-progressed': {
      readonly lineId: string;
      readonly asked: number;
      readonly total: number;
    };
    /** Which addresses answered, and which did not any more. */
    'machine.discovery-finished': LineRange & {
      readonly found: readonly number[];
      readonly missed: readonly number[];
    };
    /** Somebody was heard where no machine is registered, for the first time, anew, or as somebody else. */
    'machine.address-discovered': StrangerIdentity & {
      readonly lineId: string;
      readonly address: number;
      readonly by: 'SCAN' | 'CHIRP';
    };
    /** A line was added, or changed in what its driver has to know. */
    'machine.line-configured': { readonly lineId: string };
    /** A line was taken off the floor: nobody drives it any more. */
    'machine.line-removed': { readonly lineId: string };
  }

  interface SignalMap {
    /** The meters of a machine were read and differ from before: all of them, as they stand now. */
    'machine.meters-changed': MeterSnapshot;
    /** A line or a machine came or went. */
    'machine.connection-changed': { readonly lineId: string };
  }
}
