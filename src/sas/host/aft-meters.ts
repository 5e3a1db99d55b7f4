/** What a machine has counted of transfers, to be held against the books (SAS.md 8 and 10.6). */
import { type MeterName, meterCode } from '../codec/meters.ts';
import type { GameMeters } from './game-meters.ts';
import type { SasHost } from './host.ts';

/**
 * Money in cents, by kind and way. The first ten are read by one poll, at one moment: what goes between a wallet and
 * the credit meter is among them.
 */
const AFT_METERS = [
  'AFT_CASHABLE_IN_CENTS',
  'AFT_RESTRICTED_IN_CENTS',
  'AFT_NONRESTRICTED_IN_CENTS',
  'AFT_CASHABLE_OUT_CENTS',
  'AFT_RESTRICTED_OUT_CENTS',
  'AFT_NONRESTRICTED_OUT_CENTS',
  'AFT_DEBIT_IN_CENTS',
  'AFT_BONUS_CASHABLE_IN_CENTS',
  'AFT_BONUS_NONRESTRICTED_IN_CENTS',
  'AFT_CASHABLE_TO_TICKET_CENTS',
  'AFT_RESTRICTED_TO_TICKET_CENTS',
  'AFT_DEBIT_TO_TICKET_CENTS',
] as const satisfies readonly MeterName[];

const CODES = AFT_METERS.map(meterCode);

/**
 * By meter code, read now, besides what is read anyway. A meter the machine does not have, or sent as nonsense, is left
 * out. Null when the machine is not there, or tells none of them.
 */
export const readAftMeters = (host: Pick<SasHost, 'readGameMeters'>, address: number): Promise<GameMeters> =>
  host.readGameMeters(address, { game: WHOLE_MACHINE, codes: CODES });

const WHOLE_MACHINE = 0;
