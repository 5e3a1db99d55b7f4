/** What a denomination code is worth (SAS.md 7). */

export interface Denomination {
  readonly code: number;
  /** Value of one credit in 1/10000 of the major unit: a cent is 100, a twentieth of a cent is 5. */
  readonly tenThousandths: bigint;
}

/** Code of 1F, 53, B0 to B3 and the wager type, and 1/10000 of the major unit. */
const DENOMINATIONS: ReadonlyMap<number, bigint> = new Map([
  [0x01, 100n],
  [0x02, 500n],
  [0x03, 1000n],
  [0x04, 2500n],
  [0x05, 5000n],
  [0x06, 10000n],
  [0x07, 50000n],
  [0x08, 100000n],
  [0x09, 200000n],
  [0x0a, 1000000n],
  [0x0b, 2000n],
  [0x0c, 20000n],
  [0x0d, 25000n],
  [0x0e, 250000n],
  [0x0f, 500000n],
  [0x10, 2000000n],
  [0x11, 2500000n],
  [0x12, 5000000n],
  [0x13, 10000000n],
  [0x14, 20000000n],
  [0x15, 25000000n],
  [0x16, 50000000n],
  [0x17, 200n],
  [0x18, 300n],
  [0x19, 1500n],
  [0x1a, 4000n],
  [0x1b, 50n],
  [0x1c, 25n],
  [0x1d, 20n],
  [0x1e, 10n],
  [0x1f, 5n],
]);

/** The bills SAS knows, in whole dollars: the bits of 08, and the codes of 48 and event 4F, in this order. */
export const BILL_DOLLARS = [
  1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10000, 20000, 25000, 50000, 100000,
  200000, 250000, 500000, 1000000,
] as const;

/** Code 10 is the eleventh bill: the code of a bill is its place in BCD, not binary. One source. */
const billCodeAt = (place: number): number => (Math.floor(place / 10) << 4) | (place % 10);

const BILL_VALUES: ReadonlyMap<number, bigint> = new Map(
  BILL_DOLLARS.map((dollars, place) => [billCodeAt(place), BigInt(dollars)]),
);

const BILL_EXCEPTIONS: ReadonlyMap<number, bigint> = new Map([
  [0x47, 1n],
  [0x48, 5n],
  [0x49, 10n],
  [0x4a, 20n],
  [0x4b, 50n],
  [0x4c, 100n],
  [0x4d, 2n],
  [0x4e, 500n],
  [0x50, 200n],
]);

/** Country code of the bills of the USA, the only one known; one source. */
export const COUNTRY_USA = 37;

/** Null for a code that is not in the table: its credits cannot be turned into money. */
export function denominationOf(code: number): Denomination | null {
  const tenThousandths = DENOMINATIONS.get(code);
  return tenThousandths === undefined ? null : { code, tenThousandths };
}

/** The value of a bill in whole units, by its code as it is on the wire (0x10 is $500), or null. */
export const billValueOf = (code: number): bigint | null => BILL_VALUES.get(code) ?? null;

/** The code on the wire of a bill of this value, or null. */
export function billCodeOf(dollars: bigint): number | null {
  for (const [code, value] of BILL_VALUES) if (value === dollars) return code;
  return null;
}

/** The value of the bill that exception 47 to 50 reports; null for 4F, whose value is in its data. */
export const billOfException = (code: number): bigint | null => BILL_EXCEPTIONS.get(code) ?? null;

/** The exception that reports an accepted bill outside real-time mode: 4F for a value without its own code. */
export function exceptionOfBill(dollars: bigint): number {
  for (const [code, value] of BILL_EXCEPTIONS) if (value === dollars) return code;
  return 0x4f;
}
