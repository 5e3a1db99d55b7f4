import type { LoggedEvent } from '../events/events.ts';
import type { Narrowing } from '../events/log.ts';
import { formatMoney, moneyOfCents } from '../lib/money.ts';
import { type Notice, type NoticeRules, STAFF, type Telling } from '../notification/notice.ts';
import { MACHINE_EVENT_LABELS, type MachineEventType } from './machine-event.ts';
import { findMachine } from './store.ts';

/** What who sees to the floor is told of it: what somebody has to look after. */
export const MACHINE_NOTICES: NoticeRules = {
  'machine.event-raised': async ({ venueId, payload: { event } }, telling) => {
    const severity = ALARMS.get(event.type);
    if (severity === undefined) return null;
    const { id: eventId, machineId, type, occurredAt } = event;
    if (type === 'QUEUE_OVERFLOW' && !(await isNewsNow(telling, machineId))) return null;
    const name = await nameOf(venueId, machineId, telling);
    return {
      ...toStaff(severity, `${name}: ${MACHINE_EVENT_LABELS.get(type) ?? type}.`),
      data: { machineId, eventId, status: type, occurredAt },
    };
  },
  'machine.handpay-recorded': async ({ venueId, payload }, telling) => {
    const { handpayId, machineId, cents, kind } = payload;
    const name = await nameOf(venueId, machineId, telling);
    const { currency } = await telling.venue();
    const amount = cents === null ? 'money' : formatMoney(moneyOfCents(BigInt(cents), currency), 'en-US');
    return {
      ...toStaff('CRITICAL', `${name}: an attendant has to pay ${amount}.`),
      data: { machineId, handpayId, status: 'PENDING', kind, cents },
    };
  },
  'machine.aft-transfer-changed': async ({ venueId, payload: { transfer } }, telling) => {
    const { id: transferId, machineId, state } = transfer;
    if (state !== 'IN_DOUBT') return null;
    const name = await nameOf(venueId, machineId, telling);
    return {
      ...toStaff('CRITICAL', `${name}: nobody knows whether a transfer took place. It has to be resolved.`),
      data: { machineId, transferId, status: state },
    };
  },
  'machine.aft-transfer-contradicted': async ({ venueId, payload }, telling) => {
    const { transferId, machineId } = payload;
    const name = await nameOf(venueId, machineId, telling);
    return {
      ...toStaff('CRITICAL', `${name}: another amount moved than a transfer was settled with.`),
      data: { machineId, transferId, status: 'CONTRADICTED' },
    };
  },
  'machine.aft-discrepancy-found': async ({ venueId, payload }, telling) => {
    const { machineId, from, to, differences } = payload;
    const name = await nameOf(venueId, machineId, telling);
    return {
      ...toStaff('CRITICAL', `${name}: its transfer meters and the ledger differ.`),
      data: { machineId, from, to, differences, status: 'DISCREPANCY' },
    };
  },
  'machine.driver-lost': ({ payload: { lineId, driver } }) => ({
    ...toStaff('CRITICAL', `Nobody drives a line any more: ${driver} is gone.`),
    data: { lineId, driver, status: 'LOST' },
  }),
};

/** A machine that reports more than is read of it says with each report that it lost another. */
const QUIET_MS = 15 * 60_000;

const isNewsNow = (telling: Telling, machineId: string): Promise<boolean> =>
  telling.isNews(machineId, new Date(telling.now.getTime() - QUIET_MS));

const DOORS: readonly MachineEventType[] = [
  'SLOT_DOOR_OPENED',
  'DROP_DOOR_OPENED',
  'CARD_CAGE_OPENED',
  'CASHBOX_DOOR_OPENED',
  'BELLY_DOOR_OPENED',
  'CASHBOX_REMOVED',
  'CARD_CAGE_ACCESSED_POWER_OFF',
  'SLOT_DOOR_ACCESSED_POWER_OFF',
  'CASHBOX_DOOR_ACCESSED_POWER_OFF',
  'DROP_DOOR_ACCESSED_POWER_OFF',
];

const TILTS: readonly MachineEventType[] = [
  'GENERAL_TILT',
  'COIN_IN_TILT',
  'COIN_OUT_TILT',
  'REEL_TILT',
  'REEL_1_TILT',
  'REEL_2_TILT',
  'REEL_3_TILT',
  'REEL_4_TILT',
  'REEL_5_TILT',
  'REEL_DISCONNECTED',
  'CMOS_RAM_ERROR_NOT_RECOVERED',
  'CMOS_RAM_BAD_DEVICE',
  'EEPROM_DATA_ERROR',
  'EEPROM_BAD_DEVICE',
  'EPROM_CHECKSUM_CHANGED',
  'EPROM_BAD_CHECKSUM',
  'PARTITIONED_EPROM_CHECKSUM_CHANGED',
  'PARTITIONED_EPROM_BAD_CHECKSUM',
  'BILL_ACCEPTOR_FAILURE',
  'COUNTERFEIT_BILL',
  'OUT_OF_SERVICE',
];

const CARES: readonly MachineEventType[] = [
  'BILL_JAM',
  'CASHBOX_FULL',
  'HOPPER_EMPTY',
  'PRINTER_PAPER_OUT',
  'PRINTER_CARRIAGE_JAM',
  'LOW_BACKUP_BATTERY',
  'QUEUE_OVERFLOW',
];

/** Handpays are not among them: they have an event of their own, which says how much. */
const ALARMS: ReadonlyMap<MachineEventType, Notice['severity']> = new Map([
  ...[...DOORS, ...CARES].map((type) => [type, 'WARNING'] as const),
  ...TILTS.map((type) => [type, 'CRITICAL'] as const),
]);

/** Nearly all that machines report is nothing to tell anybody, and it comes thousands of times a second. */
export const MACHINE_ALARMS: Narrowing = {
  type: 'machine.event-raised',
  path: ['event', 'type'],
  among: [...ALARMS.keys()],
};

const toStaff = (severity: Notice['severity'], message: string) =>
  ({ to: STAFF, type: 'MACHINE', severity, message }) as const;

async function nameOf(venueId: LoggedEvent['venueId'], machineId: string, { tx }: Telling): Promise<string> {
  return (await findMachine(tx, venueId, machineId))?.name ?? 'A machine';
}
