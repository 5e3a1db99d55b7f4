/** What a machine reports of itself, by code (SAS.md 9.1). */

/**
 * How a machine hands an exception over. All classes rest on one source.
 *
 * QUEUE: first in, first out. PRIORITY: before the queue, raised again while the cause lasts. IDLE: nothing
 * happened, never stored.
 */
export type ExceptionClass = 'QUEUE' | 'PRIORITY' | 'QUEUE_OR_PRIORITY' | 'IDLE' | 'UNKNOWN';

type Row = readonly [code: number, name: string, label: string, class_: ExceptionClass];

const ROWS = [
  [0x00, 'NO_ACTIVITY', 'No activity', 'IDLE'],
  [0x11, 'SLOT_DOOR_OPENED', 'Slot (main) door open', 'QUEUE'],
  [0x12, 'SLOT_DOOR_CLOSED', 'Slot door closed', 'QUEUE'],
  [0x13, 'DROP_DOOR_OPENED', 'Drop door open', 'QUEUE'],
  [0x14, 'DROP_DOOR_CLOSED', 'Drop door closed', 'QUEUE'],
  [0x15, 'CARD_CAGE_OPENED', 'Card cage (logic) open', 'QUEUE'],
  [0x16, 'CARD_CAGE_CLOSED', 'Card cage closed', 'QUEUE'],
  [0x17, 'POWER_APPLIED', 'AC power applied', 'QUEUE'],
  [0x18, 'POWER_LOST', 'AC power lost', 'QUEUE'],
  [0x19, 'CASHBOX_DOOR_OPENED', 'Cashbox door open', 'QUEUE'],
  [0x1a, 'CASHBOX_DOOR_CLOSED', 'Cashbox door closed', 'QUEUE'],
  [0x1b, 'CASHBOX_REMOVED', 'Cashbox removed', 'QUEUE'],
  [0x1c, 'CASHBOX_INSTALLED', 'Cashbox installed', 'QUEUE'],
  [0x1d, 'BELLY_DOOR_OPENED', 'Belly door open', 'QUEUE'],
  [0x1e, 'BELLY_DOOR_CLOSED', 'Belly door closed', 'QUEUE'],
  [0x1f, 'IDLE', 'Idle, waiting for player input', 'IDLE'],
  [0x20, 'GENERAL_TILT', 'General tilt', 'QUEUE'],
  [0x21, 'COIN_IN_TILT', 'Coin-in tilt', 'QUEUE'],
  [0x22, 'COIN_OUT_TILT', 'Coin-out tilt', 'QUEUE'],
  [0x23, 'HOPPER_EMPTY', 'Hopper empty', 'QUEUE'],
  [0x24, 'EXTRA_COIN_PAID', 'Extra coin paid', 'QUEUE'],
  [0x25, 'DIVERTER_MALFUNCTION', 'Diverter malfunction', 'QUEUE'],
  [0x27, 'CASHBOX_FULL', 'Cashbox full', 'QUEUE'],
  [0x28, 'BILL_JAM', 'Bill jam', 'QUEUE'],
  [0x29, 'BILL_ACCEPTOR_FAILURE', 'Bill acceptor hardware failure', 'QUEUE'],
  [0x2a, 'REVERSE_BILL', 'Reverse bill', 'QUEUE'],
  [0x2b, 'BILL_REJECTED', 'Bill rejected', 'QUEUE'],
  [0x2c, 'COUNTERFEIT_BILL', 'Counterfeit bill', 'QUEUE'],
  [0x2d, 'REVERSE_COIN_IN', 'Reverse coin-in', 'QUEUE'],
  [0x2e, 'CASHBOX_NEARLY_FULL', 'Cashbox nearly full', 'QUEUE'],
  [0x31, 'CMOS_RAM_ERROR_RECOVERED', 'CMOS RAM error, recovered', 'QUEUE'],
  [0x32, 'CMOS_RAM_ERROR_NOT_RECOVERED', 'CMOS RAM error, not recovered', 'QUEUE'],
  [0x33, 'CMOS_RAM_BAD_DEVICE', 'CMOS RAM bad device', 'QUEUE'],
  [0x34, 'EEPROM_DATA_ERROR', 'EEPROM data error', 'QUEUE'],
  [0x35, 'EEPROM_BAD_DEVICE', 'EEPROM bad device', 'QUEUE'],
  [0x36, 'EPROM_CHECKSUM_CHANGED', 'EPROM checksum changed', 'QUEUE'],
  [0x37, 'EPROM_BAD_CHECKSUM', 'EPROM bad checksum', 'QUEUE'],
  [0x38, 'PARTITIONED_EPROM_CHECKSUM_CHANGED', 'Partitioned EPROM checksum changed', 'QUEUE'],
  [0x39, 'PARTITIONED_EPROM_BAD_CHECKSUM', 'Partitioned EPROM bad checksum', 'QUEUE'],
  [0x3a, 'MEMORY_ERROR_RESET', 'Memory error reset by operator', 'QUEUE'],
  [0x3b, 'LOW_BACKUP_BATTERY', 'Low backup battery', 'QUEUE'],
  [0x3c, 'OPTIONS_CHANGED', 'Operator changed options', 'QUEUE'],
  [0x3d, 'CASH_OUT_TICKET_PRINTED', 'Cash-out ticket printed', 'QUEUE_OR_PRIORITY'],
  [0x3e, 'HANDPAY_VALIDATED', 'Handpay validated', 'QUEUE_OR_PRIORITY'],
  [0x3f, 'VALIDATION_ID_NOT_CONFIGURED', 'Validation ID not configured', 'PRIORITY'],
  [0x40, 'REEL_TILT', 'Reel tilt, reel unknown', 'QUEUE'],
  [0x41, 'REEL_1_TILT', 'Reel 1 tilt', 'QUEUE'],
  [0x42, 'REEL_2_TILT', 'Reel 2 tilt', 'QUEUE'],
  [0x43, 'REEL_3_TILT', 'Reel 3 tilt', 'QUEUE'],
  [0x44, 'REEL_4_TILT', 'Reel 4 tilt', 'QUEUE'],
  [0x45, 'REEL_5_TILT', 'Reel 5 tilt', 'QUEUE'],
  [0x46, 'REEL_DISCONNECTED', 'Reel mechanism disconnected', 'QUEUE'],
  [0x47, 'BILL_ACCEPTED_1', '$1 bill accepted', 'QUEUE'],
  [0x48, 'BILL_ACCEPTED_5', '$5 bill accepted', 'QUEUE'],
  [0x49, 'BILL_ACCEPTED_10', '$10 bill accepted', 'QUEUE'],
  [0x4a, 'BILL_ACCEPTED_20', '$20 bill accepted', 'QUEUE'],
  [0x4b, 'BILL_ACCEPTED_50', '$50 bill accepted', 'QUEUE'],
  [0x4c, 'BILL_ACCEPTED_100', '$100 bill accepted', 'QUEUE'],
  [0x4d, 'BILL_ACCEPTED_2', '$2 bill accepted', 'QUEUE'],
  [0x4e, 'BILL_ACCEPTED_500', '$500 bill accepted', 'QUEUE'],
  [0x4f, 'BILL_ACCEPTED', 'Bill accepted', 'QUEUE'],
  [0x50, 'BILL_ACCEPTED_200', '$200 bill accepted', 'QUEUE'],
  [0x51, 'HANDPAY_PENDING', 'Handpay pending', 'QUEUE_OR_PRIORITY'],
  [0x52, 'HANDPAY_RESET', 'Handpay reset', 'QUEUE_OR_PRIORITY'],
  [0x53, 'NO_PROGRESSIVE_DATA', 'No progressive data for 5 s', 'QUEUE'],
  [0x54, 'PROGRESSIVE_WIN', 'Progressive win paid by machine', 'QUEUE'],
  [0x55, 'HANDPAY_CANCELLED_BY_PLAYER', 'Player cancelled handpay request', 'QUEUE_OR_PRIORITY'],
  [0x56, 'SAS_PROGRESSIVE_HIT', 'SAS progressive level hit', 'PRIORITY'],
  [0x57, 'SYSTEM_VALIDATION_REQUESTED', 'System validation request', 'PRIORITY'],
  [0x60, 'PRINTER_COMMUNICATION_ERROR', 'Printer communication error', 'QUEUE'],
  [0x61, 'PRINTER_PAPER_OUT', 'Printer paper out', 'QUEUE'],
  [0x65, 'CASH_OUT_WIN_REQUESTED', 'Cash-out-win request', 'UNKNOWN'],
  [0x66, 'CASH_OUT_PRESSED', 'Cash-out button pressed', 'QUEUE'],
  [0x67, 'TICKET_INSERTED', 'Ticket inserted', 'PRIORITY'],
  [0x68, 'TICKET_TRANSFER_COMPLETE', 'Ticket transfer complete', 'PRIORITY'],
  [0x69, 'AFT_TRANSFER_COMPLETE', 'AFT transfer complete', 'PRIORITY'],
  [0x6a, 'AFT_CASH_OUT_REQUESTED', 'AFT: machine asks host to take a cash-out', 'PRIORITY'],
  [0x6b, 'AFT_WIN_REQUESTED', 'AFT: machine asks host to take a win', 'PRIORITY'],
  [0x6c, 'AFT_REGISTRATION_REQUESTED', 'AFT registration requested by operator', 'PRIORITY'],
  [0x6d, 'AFT_REGISTRATION_ACKNOWLEDGED', 'AFT registration acknowledged by operator', 'PRIORITY'],
  [0x6e, 'AFT_REGISTRATION_CANCELLED', 'AFT registration cancelled', 'QUEUE'],
  [0x6f, 'GAME_LOCKED', 'Game locked', 'PRIORITY'],
  [0x70, 'QUEUE_OVERFLOW', 'Exception queue overflow', 'PRIORITY'],
  [0x71, 'CHANGE_LAMP_ON', 'Change lamp on', 'QUEUE'],
  [0x72, 'CHANGE_LAMP_OFF', 'Change lamp off', 'QUEUE'],
  [0x73, 'GAME_RESET_DURING_PAYOUT', 'Game reset during payout', 'UNKNOWN'],
  [0x74, 'PRINTER_PAPER_LOW', 'Printer paper low', 'QUEUE'],
  [0x75, 'PRINTER_POWER_OFF', 'Printer power off', 'QUEUE'],
  [0x76, 'PRINTER_POWER_ON', 'Printer power on', 'QUEUE'],
  [0x77, 'PRINTER_RIBBON_REPLACE', 'Replace printer ribbon', 'QUEUE'],
  [0x78, 'PRINTER_CARRIAGE_JAM', 'Printer carriage jam', 'QUEUE'],
  [0x79, 'COIN_LOCKOUT_MALFUNCTION', 'Coin-in lockout malfunction', 'QUEUE'],
  [0x7a, 'SOFT_METERS_RESET', 'Soft (lifetime) meters reset', 'QUEUE'],
  [0x7b, 'BILL_VALIDATOR_TOTALS_RESET', 'Bill validator period totals reset', 'QUEUE'],
  [0x7c, 'LEGACY_BONUS_PAID', 'Legacy bonus paid / multiplied jackpot', 'QUEUE'],
  [0x7e, 'GAME_STARTED', 'Game started', 'QUEUE'],
  [0x7f, 'GAME_ENDED', 'Game ended', 'QUEUE'],
  [0x80, 'HOPPER_FULL', 'Hopper full', 'QUEUE'],
  [0x81, 'HOPPER_LOW', 'Hopper low', 'QUEUE'],
  [0x82, 'ATTENDANT_MENU_ENTERED', 'Attendant/meter display entered', 'QUEUE'],
  [0x83, 'ATTENDANT_MENU_LEFT', 'Attendant/meter display left', 'QUEUE'],
  [0x84, 'OPERATOR_MENU_ENTERED', 'Self test / operator menu entered', 'QUEUE'],
  [0x85, 'OPERATOR_MENU_LEFT', 'Self test / operator menu left', 'QUEUE'],
  [0x86, 'OUT_OF_SERVICE', 'Out of service', 'QUEUE'],
  [0x87, 'DRAW_CARDS_REQUESTED', 'Draw cards requested', 'QUEUE'],
  [0x88, 'REEL_STOPPED', 'Reel N stopped', 'QUEUE'],
  [0x89, 'CREDIT_WAGERED', 'Coin/credit wagered', 'QUEUE'],
  [0x8a, 'GAME_RECALL_SHOWN', 'Game recall entry shown', 'QUEUE'],
  [0x8b, 'CARD_HELD', 'Card held / not held', 'QUEUE'],
  [0x8c, 'GAME_SELECTED', 'Game selected', 'QUEUE'],
  [0x8e, 'COMPONENT_LIST_CHANGED', 'Component list changed', 'QUEUE'],
  [0x8f, 'AUTHENTICATION_COMPLETE', 'Authentication complete', 'PRIORITY'],
  [0x98, 'CARD_CAGE_ACCESSED_POWER_OFF', 'Card cage accessed with power off', 'QUEUE'],
  [0x99, 'SLOT_DOOR_ACCESSED_POWER_OFF', 'Slot door accessed with power off', 'QUEUE'],
  [0x9a, 'CASHBOX_DOOR_ACCESSED_POWER_OFF', 'Cashbox door accessed with power off', 'QUEUE'],
  [0x9b, 'DROP_DOOR_ACCESSED_POWER_OFF', 'Drop door accessed with power off', 'QUEUE'],
  [0xa0, 'METER_CHANGE_PENDING', 'Meter change pending', 'UNKNOWN'],
  [0xa1, 'METER_CHANGE_CANCELLED', 'Meter change cancelled', 'UNKNOWN'],
  [0xa2, 'ENABLED_GAMES_CHANGED', 'Enabled games or denominations changed', 'UNKNOWN'],
] as const satisfies readonly Row[];

export type ExceptionName = (typeof ROWS)[number][1];

export interface ExceptionDefinition {
  readonly code: number;
  readonly name: ExceptionName;
  readonly label: string;
  readonly class: ExceptionClass;
}

export const EXCEPTIONS: ReadonlyMap<number, ExceptionDefinition> = new Map(
  ROWS.map(([code, name, label, class_]) => [code, { code, name, label, class: class_ }]),
);

const CODE_BY_NAME: ReadonlyMap<string, number> = new Map(ROWS.map(([code, name]) => [name, code]));

/** The code of an exception of the table. */
export function exceptionCode(name: ExceptionName): number {
  const code = CODE_BY_NAME.get(name);
  if (code === undefined) throw new RangeError(`no exception ${name}`);
  return code;
}

/** Whether the code only says that nothing happened: 00, or its variant 1F. */
export const isIdle = (code: number): boolean => EXCEPTIONS.get(code)?.class === 'IDLE';
