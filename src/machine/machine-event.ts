import { EXCEPTIONS, type ExceptionName } from '../sas/codec/exceptions.ts';

/** What a machine said (a SAS exception), or what floorwire did to it or noticed about it. */
export interface MachineEvent {
  readonly id: string;
  readonly venueId: string;
  readonly machineId: string;
  readonly type: MachineEventType;
  /** SAS.md 9.1; null for what no exception said. */
  readonly exceptionCode: number | null;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly occurredAt: Date;
}

/** Events that floorwire itself puts on record. */
export const OWN_EVENT_TYPES = [
  'LOCKED',
  'UNLOCKED',
  'ONLINE',
  'OFFLINE',
  'BILL_ACCEPTOR_ENABLED',
  'BILL_ACCEPTOR_DISABLED',
  'RESTARTED',
  'CLOCK_SET',
  'GAME_ENABLED',
  'GAME_DISABLED',
  'ROM_SIGNATURE',
  'METER_RESET',
  'TRANSFER_CONTRADICTED',
  'AFT_DISCREPANCY',
  'UNKNOWN_EXCEPTION',
] as const;

export type OwnEventType = (typeof OWN_EVENT_TYPES)[number];

export type MachineEventType = ExceptionName | OwnEventType;

/** The machine took a bill. */
export const BILL_ACCEPTED_TYPES: readonly MachineEventType[] = [
  'BILL_ACCEPTED',
  'BILL_ACCEPTED_1',
  'BILL_ACCEPTED_2',
  'BILL_ACCEPTED_5',
  'BILL_ACCEPTED_10',
  'BILL_ACCEPTED_20',
  'BILL_ACCEPTED_50',
  'BILL_ACCEPTED_100',
  'BILL_ACCEPTED_200',
  'BILL_ACCEPTED_500',
];

/** What the bill acceptor did, or was told. */
export const BILL_EVENT_TYPES: readonly MachineEventType[] = [
  ...BILL_ACCEPTED_TYPES,
  'BILL_REJECTED',
  'BILL_JAM',
  'BILL_ACCEPTOR_FAILURE',
  'REVERSE_BILL',
  'COUNTERFEIT_BILL',
  'CASHBOX_NEARLY_FULL',
  'CASHBOX_FULL',
  'CASHBOX_REMOVED',
  'CASHBOX_INSTALLED',
  'BILL_ACCEPTOR_ENABLED',
  'BILL_ACCEPTOR_DISABLED',
];

/** What each of floorwire's own events says. */
export const OWN_EVENT_LABELS: Readonly<Record<OwnEventType, string>> = {
  LOCKED: 'floorwire locked the machine; play is refused',
  UNLOCKED: 'floorwire unlocked the machine',
  ONLINE: 'The machine answers',
  OFFLINE: 'The machine no longer answers',
  BILL_ACCEPTOR_ENABLED: 'floorwire switched the bill acceptor on',
  BILL_ACCEPTOR_DISABLED: 'floorwire switched the bill acceptor off',
  RESTARTED: 'floorwire restarted the machine',
  CLOCK_SET: 'floorwire set the machine’s clock',
  GAME_ENABLED: 'floorwire let a game be played',
  GAME_DISABLED: 'floorwire let a game be played no longer',
  ROM_SIGNATURE: 'The machine told the signature of its program memory',
  METER_RESET: 'A counter went back without having rolled over: it was cleared or replaced',
  TRANSFER_CONTRADICTED: 'The machine says that another amount moved by a transfer than is booked',
  AFT_DISCREPANCY: 'A transfer meter and the ledger differ: `data` says by how much, and since when',
  UNKNOWN_EXCEPTION: 'The machine reported a code that SAS does not define',
};

/** Every type with what it says: the exceptions of SAS.md 9.1 and floorwire's own. */
export const MACHINE_EVENT_LABELS: ReadonlyMap<MachineEventType, string> = new Map<MachineEventType, string>([
  ...[...EXCEPTIONS.values()]
    .filter(({ class: kind }) => kind !== 'IDLE')
    .map(({ name, label }) => [name, label] as const),
  ...OWN_EVENT_TYPES.map((type) => [type, OWN_EVENT_LABELS[type]] as const),
]);
