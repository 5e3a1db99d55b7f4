/** What a machine has counted of transfers, to be held against the books (SAS.md 8 and 10.6). */
import { type MeterName, meterCode } from '../codec/meters.ts';
import type { SasHost } from './host.ts';
import type { MeterReading } from './report.ts';

/**
 * Money in cents, by kind and way. The first ten are read by one poll, at one moment: what goes between a wallet and
 * the credit meter is among them.
 */
const NAMES = {
  cashableIn: 'AFT_CASHABLE_IN_CENTS',
  restrictedIn: 'AFT_RESTRICTED_IN_CENTS',
  nonrestrictedIn: 'AFT_NONRESTRICTED_IN_CENTS',
  cashableOut: 'AFT_CASHABLE_OUT_CENTS',
  restrictedOut: 'AFT_RESTRICTED_OUT_CENTS',
  nonrestrictedOut: 'AFT_NONRESTRICTED_OUT_CENTS',
  debitIn: 'AFT_DEBIT_IN_CENTS',
  bonusCashableIn: 'AFT_BONUS_CASHABLE_IN_CENTS',
  bonusNonrestrictedIn: 'AFT_BONUS_NONRESTRICTED_IN_CENTS',
  cashableToTicket: 'AFT_CASHABLE_TO_TICKET_CENTS',
  restrictedToTicket: 'AFT_RESTRICTED_TO_TICKET_CENTS',
  debitToTicket: 'AFT_DEBIT_TO_TICKET_CENTS',
} as const satisfies Readonly<Record<string, MeterName>>;

/** Null for a meter the machine does not have, or sent as nonsense. Each rolls over where its `bcdBytes` end. */
export type AftMeters = { readonly [K in keyof typeof NAMES]: MeterReading | null };

const CODES = Object.values(NAMES).map(meterCode);

/** Read now, besides what is read anyway. Null when the machine is not there, or tells none of them. */
export async function readAftMeters(
  host: Pick<SasHost, 'readGameMeters'>,
  address: number,
): Promise<AftMeters | null> {
  const read = await host.readGameMeters(address, { game: WHOLE_MACHINE, codes: CODES });
  if (read === null) return null;
  const found = Object.entries(NAMES).map(([name, meter]) => [name, read.get(meterCode(meter)) ?? null]);
  return Object.fromEntries(found) as AftMeters;
}

const WHOLE_MACHINE = 0;
