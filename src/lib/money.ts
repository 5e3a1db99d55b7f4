import { ValidationError } from './errors.ts';

/** An exact amount: minor units of one currency (cents of USD, yen of JPY, fils of KWD). */
export interface Money {
  readonly amountMinor: bigint;
  /** ISO 4217. */
  readonly currency: string;
}

/**
 * Whether anybody has money in it: ISO 4217 has codes for metals and units of account besides, one for tests and one for
 * no currency at all.
 */
export const isMoney = (currency: string): boolean => !NO_MONEY.has(currency);

const NO_MONEY: ReadonlySet<string> = new Set(
  ['XAG XAU XPD XPT', 'XBA XBB XBC XBD XDR XSU XUA', 'XTS XXX'].flatMap((codes) => codes.split(' ')),
);

/** How many decimals a currency's minor unit has by ISO 4217, as the runtime's Unicode data knows it. */
export function decimalsOf(currency: string): number {
  const known = decimalsByCurrency.get(currency);
  if (known !== undefined) return known;
  const { maximumFractionDigits } = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  const decimals = ISO_4217_EXCEPTIONS.get(currency) ?? maximumFractionDigits ?? 2;
  decimalsByCurrency.set(currency, decimals);
  return decimals;
}

/** The plain decimal text of an amount: `-1234.50`. Exact for any size. */
export function formatDecimal({ amountMinor, currency }: Money): string {
  const decimals = decimalsOf(currency);
  const sign = amountMinor < 0n ? '-' : '';
  const digits = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(decimals + 1, '0');
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

const DECIMAL = /^(0|[1-9]\d{0,14})(?:\.(\d{1,4}))?$/;

/**
 * The minor units of a plain decimal text: at most 15 digits, as many decimals as the currency has, no sign.
 *
 * @throws ValidationError
 */
export function parseMinor(decimal: string, currency: string, field = 'amount'): bigint {
  const [, whole, fraction = ''] = DECIMAL.exec(decimal) ?? [];
  const decimals = decimalsOf(currency);
  if (whole === undefined || fraction.length > decimals)
    throw new ValidationError(
      decimals === 0
        ? `An amount of ${currency} is a whole number without a sign.`
        : `An amount of ${currency} has at most ${decimals} decimals, 15 digits before them, and no sign.`,
      { field },
    );
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}

/**
 * An amount as a reader of `locale` (BCP 47) expects it: `$1,234.50`, `1.234,50 $`.
 *
 * @throws RangeError for a malformed locale
 */
export function formatMoney(money: Money, locale: string): string {
  const decimals = decimalsOf(money.currency);
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: money.currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    // A decimal string is formatted exactly; a number would round above 2^53.
  }).format(formatDecimal(money) as Intl.StringNumericLiteral);
}

/**
 * Rounds an exact fraction of minor units to whole ones, half away from zero.
 * The one rounding function of the project.
 */
export function roundToMinor(numerator: bigint, denominator: bigint): bigint {
  const half = denominator / 2n;
  return numerator < 0n ? -((-numerator + half) / denominator) : (numerator + half) / denominator;
}

/** An amount in cents as machines tell it: hundredths of the main unit, whatever decimals the currency has. */
export const moneyOfCents = (cents: bigint, currency: string): Money => ({
  amountMinor: roundToMinor(cents * 10n ** BigInt(decimalsOf(currency)), 100n),
  currency,
});

/** The same amount in cents; null where it is no whole number of them. */
export const centsOf = ({ amountMinor, currency }: Money): bigint | null =>
  exactly(amountMinor * 100n, 10n ** BigInt(decimalsOf(currency)));

/** The minor units that cents are; null where they are no whole number of them. */
export const minorOfCents = (cents: bigint, currency: string): bigint | null =>
  exactly(cents * 10n ** BigInt(decimalsOf(currency)), 100n);

const exactly = (numerator: bigint, denominator: bigint): bigint | null =>
  numerator % denominator === 0n ? numerator / denominator : null;

const decimalsByCurrency = new Map<string, number>();

/** Where Unicode's customary decimals differ from ISO 4217's minor unit. */
const ISO_4217_EXCEPTIONS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    AFN: 2,
    ALL: 2,
    COP: 2,
    HUF: 2,
    IDR: 2,
    IQD: 3,
    IRR: 2,
    KPW: 2,
    LAK: 2,
    LBP: 2,
    MGA: 2,
    MMK: 2,
    PKR: 2,
    RSD: 2,
    SLL: 2,
    SOS: 2,
    SYP: 2,
    TZS: 2,
    YER: 2,
    ZMK: 2,
  }),
);
