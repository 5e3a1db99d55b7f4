/** What a machine has counted of transfers, to be held against the books (SAS.md 8 and 10.6). */
import { EXTENDED_METERS, SELECTED_METERS } from '../codec/long-polls/selected-meters.ts';
import { type MeterName, meterCode } from '../codec/meters.ts';
import type { AftLine, NoAnswer } from './aft-commands.ts';
import type { GameMeters } from './game-meters.ts';
import type { SasHost } from './host.ts';
import { takeExtended, takeSelected, type Values } from './meter-plan.ts';

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

/** What cashable transfers have counted both ways, and meters that a machine that was ever played does not show as 0. */
const TRACES = (
  [
    'AFT_CASHABLE_IN_CENTS',
    'AFT_CASHABLE_OUT_CENTS',
    'COIN_IN',
    'COIN_OUT',
    'GAMES_PLAYED',
    'TOTAL_DROP',
    'CANCELLED_CREDITS',
    'BILLS_ACCEPTED_CREDITS',
  ] as const satisfies readonly MeterName[]
).map(meterCode);

export type Traces = { readonly kind: 'METERS'; readonly values: NonNullable<GameMeters> } | NoAnswer;

/** The meters by which a machine shows whether something moved, by long polls alone; without those it does not tell. */
export async function readTraces(line: AftLine, address: number): Promise<Traces> {
  const values: Values = new Map();
  const request = { game: WHOLE_MACHINE, codes: TRACES };
  const extended = await line.execute(address, EXTENDED_METERS, request);
  if ('answer' in extended) takeExtended(extended.answer.meters, TRACES, values);
  else if (!isUnknown(extended)) return noAnswer(extended);
  if (values.size > 0) return { kind: 'METERS', values };
  const selected = await line.execute(address, SELECTED_METERS, request);
  if ('answer' in selected) takeSelected(selected.answer.meters, TRACES, values);
  else if (!isUnknown(selected)) return noAnswer(selected);
  return { kind: 'METERS', values };
}

interface Failed {
  readonly outcome: NoAnswer['failure'];
  readonly attempts: number;
}

/** It answers other polls, and not this one. */
const isUnknown = ({ outcome }: Failed): boolean => outcome === 'SILENT' || outcome === 'NACK';

const noAnswer = ({ outcome, attempts }: Failed): NoAnswer => ({
  kind: 'NO_ANSWER',
  failure: outcome,
  attempts,
});
