/**
 * The meters a machine keeps, by code (SAS.md 8). 2F uses the low byte of the code, 6F and AF both.
 *
 * Credits are units of the accounting denomination of poll 1F: money only together with it, never by a constant.
 */

export type MeterUnit = 'CREDITS' | 'CENTS' | 'COUNT' | 'BILLS' | 'HUNDREDTHS_PERCENT';

/** A counter only grows until it rolls over or is cleared; a gauge goes both ways, or starts again by itself. */
export type MeterKind = 'COUNTER' | 'GAUGE';

type Row = readonly [code: number, name: string, label: string, unit: MeterUnit, kind?: 'GAUGE'];

const ROWS = [
  [0x0000, 'COIN_IN', 'Coin in', 'CREDITS'],
  [0x0001, 'COIN_OUT', 'Coin out', 'CREDITS'],
  [0x0002, 'JACKPOT', 'Jackpot (attendant-paid wins)', 'CREDITS'],
  [0x0003, 'HAND_PAID_CANCELLED_CREDITS', 'Hand-paid cancelled credits', 'CREDITS'],
  [0x0004, 'CANCELLED_CREDITS', 'Cancelled credits', 'CREDITS'],
  [0x0005, 'GAMES_PLAYED', 'Games played', 'COUNT'],
  [0x0006, 'GAMES_WON', 'Games won', 'COUNT'],
  [0x0007, 'GAMES_LOST', 'Games lost', 'COUNT'],
  [0x0008, 'COIN_ACCEPTOR_CREDITS', 'Credits from coin acceptor', 'CREDITS'],
  [0x0009, 'HOPPER_PAID_CREDITS', 'Credits paid from hopper', 'CREDITS'],
  [0x000a, 'COINS_TO_DROP_CREDITS', 'Credits from coins to drop', 'CREDITS'],
  [0x000b, 'BILLS_ACCEPTED_CREDITS', 'Credits from bills accepted', 'CREDITS'],
  [0x000c, 'CURRENT_CREDITS', 'Current credits', 'CREDITS', 'GAUGE'],
  [0x000d, 'SAS_CASHABLE_TICKET_IN_CENTS', 'SAS cashable ticket in incl. nonrestricted', 'CENTS'],
  [0x000e, 'SAS_CASHABLE_TICKET_OUT_CENTS', 'SAS cashable ticket out incl. debit', 'CENTS'],
  [0x000f, 'SAS_RESTRICTED_TICKET_IN_CENTS', 'SAS restricted ticket in', 'CENTS'],
  [0x0010, 'SAS_RESTRICTED_TICKET_OUT_CENTS', 'SAS restricted ticket out', 'CENTS'],
  [0x0011, 'SAS_CASHABLE_TICKET_IN_COUNT', 'SAS cashable ticket in incl. nonrestricted (count)', 'COUNT'],
  [0x0012, 'SAS_CASHABLE_TICKET_OUT_COUNT', 'SAS cashable ticket out incl. debit (count)', 'COUNT'],
  [0x0013, 'SAS_RESTRICTED_TICKET_IN_COUNT', 'SAS restricted ticket in (count)', 'COUNT'],
  [0x0014, 'SAS_RESTRICTED_TICKET_OUT_COUNT', 'SAS restricted ticket out (count)', 'COUNT'],
  [0x0015, 'TOTAL_TICKET_IN', 'Total ticket in', 'CREDITS'],
  [0x0016, 'TOTAL_TICKET_OUT', 'Total ticket out', 'CREDITS'],
  [0x0017, 'TOTAL_ELECTRONIC_IN', 'Total electronic in (to credit meter or ticket)', 'CREDITS'],
  [0x0018, 'TOTAL_ELECTRONIC_OUT', 'Total electronic out to host', 'CREDITS'],
  [0x0019, 'RESTRICTED_PLAYED', 'Restricted amount played', 'CREDITS'],
  [0x001a, 'NONRESTRICTED_PLAYED', 'Nonrestricted amount played', 'CREDITS'],
  [0x001b, 'CURRENT_RESTRICTED_CREDITS', 'Current restricted credits', 'CREDITS', 'GAUGE'],
  [0x001c, 'MACHINE_PAID_PAYTABLE_WIN', 'Machine-paid paytable win', 'CREDITS'],
  [0x001d, 'MACHINE_PAID_PROGRESSIVE_WIN', 'Machine-paid progressive win', 'CREDITS'],
  [0x001e, 'MACHINE_PAID_BONUS_WIN', 'Machine-paid external bonus win', 'CREDITS'],
  [0x001f, 'ATTENDANT_PAID_PAYTABLE_WIN', 'Attendant-paid paytable win', 'CREDITS'],
  [0x0020, 'ATTENDANT_PAID_PROGRESSIVE_WIN', 'Attendant-paid progressive win', 'CREDITS'],
  [0x0021, 'ATTENDANT_PAID_BONUS_WIN', 'Attendant-paid external bonus win', 'CREDITS'],
  [0x0022, 'TOTAL_WON', 'Total won', 'CREDITS'],
  [0x0023, 'TOTAL_HAND_PAID', 'Total hand paid', 'CREDITS'],
  [0x0024, 'TOTAL_DROP', 'Total drop', 'CREDITS'],
  [0x0025, 'GAMES_SINCE_POWER_RESET', 'Games since power reset', 'COUNT', 'GAUGE'],
  [0x0026, 'GAMES_SINCE_DOOR_CLOSED', 'Games since slot door closed', 'COUNT', 'GAUGE'],
  [0x0027, 'EXTERNAL_COIN_ACCEPTOR_CREDITS', 'Credits from external coin acceptor', 'CREDITS'],
  [0x0028, 'CASHABLE_TICKET_IN', 'Cashable ticket in incl. nonrestricted', 'CREDITS'],
  [0x0029, 'REGULAR_CASHABLE_TICKET_IN', 'Regular cashable ticket in', 'CREDITS'],
  [0x002a, 'RESTRICTED_TICKET_IN', 'Restricted ticket in', 'CREDITS'],
  [0x002b, 'NONRESTRICTED_TICKET_IN', 'Nonrestricted ticket in', 'CREDITS'],
  [0x002c, 'CASHABLE_TICKET_OUT', 'Cashable ticket out incl. debit', 'CREDITS'],
  [0x002d, 'RESTRICTED_TICKET_OUT', 'Restricted ticket out', 'CREDITS'],
  [0x002e, 'ELECTRONIC_CASHABLE_IN', 'Electronic regular cashable in (no bonus)', 'CREDITS'],
  [0x002f, 'ELECTRONIC_RESTRICTED_IN', 'Electronic restricted in (no bonus)', 'CREDITS'],
  [0x0030, 'ELECTRONIC_NONRESTRICTED_IN', 'Electronic nonrestricted in (no bonus)', 'CREDITS'],
  [0x0031, 'ELECTRONIC_DEBIT_IN', 'Electronic debit in', 'CREDITS'],
  [0x0032, 'ELECTRONIC_CASHABLE_OUT', 'Electronic regular cashable to host', 'CREDITS'],
  [0x0033, 'ELECTRONIC_RESTRICTED_OUT', 'Electronic restricted to host', 'CREDITS'],
  [0x0034, 'ELECTRONIC_NONRESTRICTED_OUT', 'Electronic nonrestricted to host', 'CREDITS'],
  [0x0035, 'REGULAR_CASHABLE_TICKET_IN_COUNT', 'Regular cashable tickets in', 'COUNT'],
  [0x0036, 'RESTRICTED_TICKET_IN_COUNT', 'Restricted tickets in', 'COUNT'],
  [0x0037, 'NONRESTRICTED_TICKET_IN_COUNT', 'Nonrestricted tickets in', 'COUNT'],
  [0x0038, 'CASHABLE_TICKET_OUT_COUNT', 'Cashable tickets out incl. debit', 'COUNT'],
  [0x0039, 'RESTRICTED_TICKET_OUT_COUNT', 'Restricted tickets out', 'COUNT'],
  [0x003e, 'BILLS_IN_STACKER', 'Bills in stacker', 'BILLS', 'GAUGE'],
  [0x003f, 'BILLS_IN_STACKER_CREDITS', 'Value of bills in stacker', 'CREDITS', 'GAUGE'],
  [0x0058, 'BILLS_TO_DROP_CREDITS', 'Credits from bills to drop', 'CREDITS'],
  [0x0063, 'BILLS_DIVERTED_CREDITS', 'Credits from bills diverted to hopper', 'CREDITS'],
  [0x006e, 'BILLS_DISPENSED_CREDITS', 'Credits from bills dispensed from hopper', 'CREDITS'],
  [0x0079, 'SESSIONS_PLAYED', 'Sessions played', 'COUNT'],
  [0x007a, 'TIP_MONEY', 'Tip money', 'CREDITS'],
  [0x007b, 'FOREIGN_BILLS_CENTS', 'Foreign bills converted amount', 'CENTS'],
  [0x007c, 'FOREIGN_BILLS_COUNT', 'Foreign bills count', 'COUNT'],
  [0x007f, 'WEIGHTED_AVERAGE_PAYBACK', 'Weighted average theoretical payback', 'HUNDREDTHS_PERCENT', 'GAUGE'],
  [0x0080, 'VALIDATED_CASHABLE_TICKET_IN_CENTS', 'Regular cashable ticket in', 'CENTS'],
  [0x0081, 'VALIDATED_CASHABLE_TICKET_IN_COUNT', 'Regular cashable ticket in (count)', 'COUNT'],
  [0x0082, 'VALIDATED_RESTRICTED_TICKET_IN_CENTS', 'Restricted ticket in', 'CENTS'],
  [0x0083, 'VALIDATED_RESTRICTED_TICKET_IN_COUNT', 'Restricted ticket in (count)', 'COUNT'],
  [0x0084, 'VALIDATED_NONRESTRICTED_TICKET_IN_CENTS', 'Nonrestricted ticket in', 'CENTS'],
  [0x0085, 'VALIDATED_NONRESTRICTED_TICKET_IN_COUNT', 'Nonrestricted ticket in (count)', 'COUNT'],
  [0x0086, 'VALIDATED_CASHABLE_TICKET_OUT_CENTS', 'Regular cashable ticket out', 'CENTS'],
  [0x0087, 'VALIDATED_CASHABLE_TICKET_OUT_COUNT', 'Regular cashable ticket out (count)', 'COUNT'],
  [0x0088, 'VALIDATED_RESTRICTED_TICKET_OUT_CENTS', 'Restricted ticket out', 'CENTS'],
  [0x0089, 'VALIDATED_RESTRICTED_TICKET_OUT_COUNT', 'Restricted ticket out (count)', 'COUNT'],
  [0x008a, 'VALIDATED_DEBIT_TICKET_OUT_CENTS', 'Debit ticket out', 'CENTS'],
  [0x008b, 'VALIDATED_DEBIT_TICKET_OUT_COUNT', 'Debit ticket out (count)', 'COUNT'],
  [
    0x008c,
    'RECEIPTED_CANCELLED_CREDIT_HANDPAY_CENTS',
    'Validated cancelled-credit handpay, receipt',
    'CENTS',
  ],
  [
    0x008d,
    'RECEIPTED_CANCELLED_CREDIT_HANDPAY_COUNT',
    'Validated cancelled-credit handpay, receipt (count)',
    'COUNT',
  ],
  [0x008e, 'RECEIPTED_JACKPOT_HANDPAY_CENTS', 'Validated jackpot handpay, receipt', 'CENTS'],
  [0x008f, 'RECEIPTED_JACKPOT_HANDPAY_COUNT', 'Validated jackpot handpay, receipt (count)', 'COUNT'],
  [
    0x0090,
    'UNRECEIPTED_CANCELLED_CREDIT_HANDPAY_CENTS',
    'Validated cancelled-credit handpay, no receipt',
    'CENTS',
  ],
  [
    0x0091,
    'UNRECEIPTED_CANCELLED_CREDIT_HANDPAY_COUNT',
    'Validated cancelled-credit handpay, no receipt (count)',
    'COUNT',
  ],
  [0x0092, 'UNRECEIPTED_JACKPOT_HANDPAY_CENTS', 'Validated jackpot handpay, no receipt', 'CENTS'],
  [0x0093, 'UNRECEIPTED_JACKPOT_HANDPAY_COUNT', 'Validated jackpot handpay, no receipt (count)', 'COUNT'],
  [0x00a0, 'AFT_CASHABLE_IN_CENTS', 'AFT in-house cashable to EGM', 'CENTS'],
  [0x00a1, 'AFT_CASHABLE_IN_COUNT', 'AFT in-house cashable to EGM (count)', 'COUNT'],
  [0x00a2, 'AFT_RESTRICTED_IN_CENTS', 'AFT in-house restricted to EGM', 'CENTS'],
  [0x00a3, 'AFT_RESTRICTED_IN_COUNT', 'AFT in-house restricted to EGM (count)', 'COUNT'],
  [0x00a4, 'AFT_NONRESTRICTED_IN_CENTS', 'AFT in-house nonrestricted to EGM', 'CENTS'],
  [0x00a5, 'AFT_NONRESTRICTED_IN_COUNT', 'AFT in-house nonrestricted to EGM (count)', 'COUNT'],
  [0x00a6, 'AFT_DEBIT_IN_CENTS', 'AFT debit to EGM', 'CENTS'],
  [0x00a7, 'AFT_DEBIT_IN_COUNT', 'AFT debit to EGM (count)', 'COUNT'],
  [0x00a8, 'AFT_CASHABLE_TO_TICKET_CENTS', 'AFT in-house cashable to ticket', 'CENTS'],
  [0x00a9, 'AFT_CASHABLE_TO_TICKET_COUNT', 'AFT in-house cashable to ticket (count)', 'COUNT'],
  [0x00aa, 'AFT_RESTRICTED_TO_TICKET_CENTS', 'AFT in-house restricted to ticket', 'CENTS'],
  [0x00ab, 'AFT_RESTRICTED_TO_TICKET_COUNT', 'AFT in-house restricted to ticket (count)', 'COUNT'],
  [0x00ac, 'AFT_DEBIT_TO_TICKET_CENTS', 'AFT debit to ticket', 'CENTS'],
  [0x00ad, 'AFT_DEBIT_TO_TICKET_COUNT', 'AFT debit to ticket (count)', 'COUNT'],
  [0x00ae, 'AFT_BONUS_CASHABLE_IN_CENTS', 'AFT bonus cashable to EGM', 'CENTS'],
  [0x00af, 'AFT_BONUS_CASHABLE_IN_COUNT', 'AFT bonus cashable to EGM (count)', 'COUNT'],
  [0x00b0, 'AFT_BONUS_NONRESTRICTED_IN_CENTS', 'AFT bonus nonrestricted to EGM', 'CENTS'],
  [0x00b1, 'AFT_BONUS_NONRESTRICTED_IN_COUNT', 'AFT bonus nonrestricted to EGM (count)', 'COUNT'],
  [0x00b8, 'AFT_CASHABLE_OUT_CENTS', 'AFT in-house cashable to host', 'CENTS'],
  [0x00b9, 'AFT_CASHABLE_OUT_COUNT', 'AFT in-house cashable to host (count)', 'COUNT'],
  [0x00ba, 'AFT_RESTRICTED_OUT_CENTS', 'AFT in-house restricted to host', 'CENTS'],
  [0x00bb, 'AFT_RESTRICTED_OUT_COUNT', 'AFT in-house restricted to host (count)', 'COUNT'],
  [0x00bc, 'AFT_NONRESTRICTED_OUT_CENTS', 'AFT in-house nonrestricted to host', 'CENTS'],
  [0x00bd, 'AFT_NONRESTRICTED_OUT_COUNT', 'AFT in-house nonrestricted to host (count)', 'COUNT'],
  [0x00fa, 'REGULAR_CASHABLE_KEYED_ON', 'Regular cashable keyed on', 'CREDITS'],
  [0x00fb, 'RESTRICTED_KEYED_ON', 'Restricted keyed on', 'CREDITS'],
  [0x00fc, 'NONRESTRICTED_KEYED_ON', 'Nonrestricted keyed on', 'CREDITS'],
  [0x00fd, 'REGULAR_CASHABLE_KEYED_OFF', 'Regular cashable keyed off', 'CREDITS'],
  [0x00fe, 'RESTRICTED_KEYED_OFF', 'Restricted keyed off', 'CREDITS'],
  [0x00ff, 'NONRESTRICTED_KEYED_OFF', 'Nonrestricted keyed off', 'CREDITS'],
] as const satisfies readonly Row[];

type BillRow = readonly [
  dollars: number,
  accepted: number,
  toDrop?: number,
  diverted?: number,
  dispensed?: number,
];

const BILL_ROWS = [
  [1, 0x40, 0x59, 0x64, 0x6f],
  [2, 0x41, 0x5a, 0x65, 0x70],
  [5, 0x42, 0x5b, 0x66, 0x71],
  [10, 0x43, 0x5c, 0x67, 0x72],
  [20, 0x44, 0x5d, 0x68, 0x73],
  [25, 0x45],
  [50, 0x46, 0x5e, 0x69, 0x74],
  [100, 0x47, 0x5f, 0x6a, 0x75],
  [200, 0x48, 0x60, 0x6b, 0x76],
  [250, 0x49],
  [500, 0x4a, 0x61, 0x6c, 0x77],
  [1000, 0x4b, 0x62, 0x6d, 0x78],
  [2000, 0x4c],
  [2500, 0x4d],
  [5000, 0x4e],
  [10000, 0x4f],
  [20000, 0x50],
  [25000, 0x51],
  [50000, 0x52],
  [100000, 0x53],
  [200000, 0x54],
  [250000, 0x55],
  [500000, 0x56],
  [1000000, 0x57],
] as const satisfies readonly BillRow[];

const BILL_COLUMNS = [
  ['BILLS_ACCEPTED', 'bills accepted'],
  ['BILLS_TO_DROP', 'bills to drop'],
  ['BILLS_DIVERTED', 'bills diverted to hopper'],
  ['BILLS_DISPENSED', 'bills dispensed from hopper'],
] as const;

type AcceptedBill = (typeof BILL_ROWS)[number][0];
type HopperBill = Extract<(typeof BILL_ROWS)[number], readonly [number, number, number, number, number]>[0];

export type MeterName =
  | (typeof ROWS)[number][1]
  | `BILLS_ACCEPTED_${AcceptedBill}`
  | `${Exclude<(typeof BILL_COLUMNS)[number][0], 'BILLS_ACCEPTED'>}_${HopperBill}`;

export interface MeterDefinition {
  readonly code: number;
  readonly name: MeterName;
  readonly label: string;
  readonly unit: MeterUnit;
  readonly kind: MeterKind;
  /** BCD bytes of the value in 2F: every meter in cents has 5, everything else 4. */
  readonly bcdBytes2F: 4 | 5;
}

/** The 6.03 meter 007B is given without a size; it is in cents, and cents have 5 bytes. */
function definition([code, name, label, unit, kind]: (typeof ROWS)[number] | Row): MeterDefinition {
  const bcdBytes2F = unit === 'CENTS' ? 5 : 4;
  return { code, name: name as MeterName, label, unit, kind: kind ?? 'COUNTER', bcdBytes2F };
}

function billDefinitions([dollars, ...codes]: BillRow): MeterDefinition[] {
  return codes.flatMap((code, column) => {
    const [prefix, label] = BILL_COLUMNS[column] ?? [];
    if (code === undefined || prefix === undefined) return [];
    return definition([code, `${prefix}_${dollars}`, `$${dollars} ${label}`, 'BILLS']);
  });
}

export const METERS: ReadonlyMap<number, MeterDefinition> = new Map(
  [...ROWS.map(definition), ...BILL_ROWS.flatMap(billDefinitions)]
    .sort((one, other) => one.code - other.code)
    .map((meter) => [meter.code, meter]),
);

const CODE_BY_NAME: ReadonlyMap<string, number> = new Map(
  Array.from(METERS.values(), (meter) => [meter.name, meter.code]),
);

/** The code of a meter of the table. */
export function meterCode(name: MeterName): number {
  const code = CODE_BY_NAME.get(name);
  if (code === undefined) throw new RangeError(`no meter ${name}`);
  return code;
}

/** Where a meter of so many BCD bytes starts again from zero: 4 bytes roll over at 100 000 000. */
export const modulusOf = (bcdBytes: number): bigint => 100n ** BigInt(bcdBytes);

/** The code of the meter that counts accepted bills of a value in whole dollars, or null. */
export function acceptedBillsMeter(dollars: bigint): number | null {
  return BILL_ROWS.find(([value]) => BigInt(value) === dollars)?.[1] ?? null;
}
