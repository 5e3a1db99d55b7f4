import type { Actor } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import { refuseLossyJson } from '../lib/json.ts';

/** Something a device was told to do: kept until it has done it, has refused, or it is too late; and afterwards. */
export interface DeviceCommand {
  readonly id: string;
  readonly venueId: string;
  readonly deviceId: string;
  readonly kind: CommandKind;
  readonly parameters: CommandParameters;
  readonly state: CommandState;
  readonly queuedAt: Date;
  readonly queuedBy: { readonly kind: Actor['kind']; readonly id: string | null };
  /** What is not done by then counts as not done. */
  readonly expiresAt: Date;
  readonly deliveredAt: Date | null;
  readonly acknowledgedAt: Date | null;
  readonly finishedAt: Date | null;
  /** What the device says of it, in words and as JSON. */
  readonly message: string | null;
  readonly result: unknown;
}

export const COMMAND_KINDS = [
  'REBOOT',
  'SCREENSHOT',
  'SET_VOLUME',
  'SET_BRIGHTNESS',
  'SET_POWER',
  'RELOAD',
  'DIAGNOSTICS',
  'IDENTIFY',
  'CUSTOM',
] as const;

export type CommandKind = (typeof COMMAND_KINDS)[number];

/** In the order it goes through them; the last three are ends. */
export const COMMAND_STATES = [
  'QUEUED',
  'DELIVERED',
  'ACKNOWLEDGED',
  'SUCCEEDED',
  'FAILED',
  'EXPIRED',
] as const;

export type CommandState = (typeof COMMAND_STATES)[number];

/** What a device says has become of a command. */
export type CommandReport = Extract<CommandState, 'ACKNOWLEDGED' | 'SUCCEEDED' | 'FAILED'>;

/** How a command is to be done; each kind takes its own, all of them and no other. */
export interface CommandParameters {
  /** How loud, or how bright: 0 to 100. */
  readonly percent?: number;
  readonly seconds?: number;
  readonly isOn?: boolean;
  /** Which of the device's own commands. */
  readonly name?: string;
  /** What it takes: any JSON. */
  readonly data?: unknown;
}

type Parameter = keyof CommandParameters;

const PARAMETERS: Readonly<Record<CommandKind, readonly Parameter[]>> = {
  REBOOT: [],
  SCREENSHOT: [],
  SET_VOLUME: ['percent'],
  SET_BRIGHTNESS: ['percent'],
  SET_POWER: ['isOn'],
  RELOAD: [],
  DIAGNOSTICS: [],
  IDENTIFY: ['seconds'],
  CUSTOM: ['name', 'data'],
};

const MAX_SECONDS = 300;
const NAME = /^[a-z][a-z0-9-]{0,63}$/;
/** As JSON, in UTF-8. */
export const MAX_DATA_BYTES = 4_096;
export const MAX_RESULT_BYTES = 65_536;
const MAX_MESSAGE = 500;
const EXPIRY_SECONDS = { min: 5, max: 7 * 86_400 };

/** The parameters of a command of this kind. @throws ValidationError */
export function parseParameters(kind: CommandKind, given: CommandParameters): CommandParameters {
  const wanted = PARAMETERS[kind];
  const named = (Object.keys(given) as Parameter[]).filter((name) => given[name] !== undefined);
  const strange = named.find((name) => !wanted.includes(name));
  if (strange !== undefined)
    throw new ValidationError(`${kind} takes no ${wordFor(strange)}.`, {
      field: ['parameters', wordFor(strange)],
    });
  const missing = wanted.find((name) => !named.includes(name));
  if (missing !== undefined && missing !== 'data')
    throw new ValidationError(`${kind} takes ${wordFor(missing)}.`, {
      field: ['parameters', wordFor(missing)],
    });
  const { percent, seconds, name } = given;
  if (percent !== undefined && (percent < 0 || percent > 100))
    throw new ValidationError('percent takes 0 to 100.', { field: ['parameters', 'percent'] });
  if (seconds !== undefined && (seconds < 1 || seconds > MAX_SECONDS))
    throw new ValidationError(`seconds takes 1 to ${MAX_SECONDS}.`, { field: ['parameters', 'seconds'] });
  if (name !== undefined && !NAME.test(name))
    throw new ValidationError('name takes a lower-case letter and at most 63 of them, digits and hyphens.', {
      field: ['parameters', 'name'],
    });
  inField('parameters', () => refuseUnkept('data', given.data, MAX_DATA_BYTES));
  return Object.fromEntries(named.map((each) => [each, given[each]]));
}

/** What the API calls it. */
const wordFor = (name: Parameter): string => (name === 'isOn' ? 'on' : name);

/** For how long a command is worth doing. @throws ValidationError */
export function parseExpiry(seconds: number): number {
  const { min, max } = EXPIRY_SECONDS;
  if (seconds < min || seconds > max)
    throw new ValidationError('expiresAfter takes PT5S to P7D.', { field: 'expiresAfter' });
  return seconds * 1_000;
}

/** What a device says beside how it went. @throws ValidationError */
export function parseWords(text: string | null): string | null {
  const words = text?.trim().normalize('NFC') ?? '';
  if (words.length > MAX_MESSAGE)
    throw new ValidationError(`message has at most ${MAX_MESSAGE} characters.`, { field: 'message' });
  // PostgreSQL keeps no NUL, and a person sees none of the others.
  if (/[^\P{Cc}\n\t]/u.test(words) || /\p{Cs}/u.test(words))
    throw new ValidationError('message has no control characters.', { field: 'message' });
  return words === '' ? null : words;
}

/** @throws ValidationError for more JSON than that, and for what would be kept as another, or not at all */
export function refuseUnkept(name: string, value: unknown, maxBytes: number): void {
  if (value === undefined || value === null) return;
  refuseLossyJson(value, name);
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) > maxBytes)
    throw new ValidationError(`${name} has at most ${maxBytes} bytes as JSON.`, { field: name });
  if (/\\u0000|\\ud[89a-f]/.test(text))
    throw new ValidationError(`The texts of ${name} are Unicode without NUL.`, { field: name });
}

/** Whether a device that says this again says nothing new: it said so before, or has gone on since. */
export const isRepeated = (state: CommandState, report: CommandReport): boolean =>
  state === report || (report === 'ACKNOWLEDGED' && (state === 'SUCCEEDED' || state === 'FAILED'));

export const hasEnded = (state: CommandState): boolean =>
  state === 'SUCCEEDED' || state === 'FAILED' || state === 'EXPIRED';
