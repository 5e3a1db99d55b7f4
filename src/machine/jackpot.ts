import { ValidationError } from '../lib/errors.ts';
import { parseName } from '../lib/name.ts';

/** A progressive level that the machines of a venue are told, once a second on every line. */
export interface Jackpot {
  readonly id: string;
  readonly venueId: string;
  readonly name: string;
  /** 1–255, as the machines that play for it are set. */
  readonly group: number;
  /** 1–32. */
  readonly level: number;
  /** What it stands at. */
  readonly cents: bigint;
  /** What it stands at after a win. */
  readonly resetCents: bigint;
  readonly version: number;
  readonly changedAt: Date;
}

export type JackpotTerms = Pick<Jackpot, 'name' | 'group' | 'level' | 'cents' | 'resetCents'>;

const HIGHEST_GROUP = 255;
const HIGHEST_LEVEL = 32;
/** What five BCD bytes tell. */
const MOST_CENTS = 9_999_999_999n;

/** Its name trimmed. @throws ValidationError */
export function parseJackpot(input: JackpotTerms): JackpotTerms {
  const name = parseName(input.name);
  if (!isWithin(input.group, HIGHEST_GROUP))
    throw new ValidationError(`group takes 1 to ${HIGHEST_GROUP}.`, { field: 'group' });
  if (!isWithin(input.level, HIGHEST_LEVEL))
    throw new ValidationError(`level takes 1 to ${HIGHEST_LEVEL}.`, { field: 'level' });
  for (const [field, cents] of Object.entries({ resetTo: input.resetCents, amount: input.cents }))
    if (cents < 0n || cents > MOST_CENTS)
      throw new ValidationError('A jackpot takes 0 to 99999999.99.', { field });
  return { ...input, name };
}

const isWithin = (value: number, highest: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= highest;
