import { ValidationError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import { requireWithin } from '../lib/within.ts';

/** A layout, or a part of it, that a device showed. What it was called is kept: it outlives what it is about. */
export interface Play extends PlayedThing {
  readonly id: string;
  readonly venueId: string;
  readonly deviceId: string;
  /** The device's own number of it. */
  readonly playId: string;
  readonly batchId: string;
  readonly layoutName: string;
  readonly regionName: string | null;
  readonly mediaName: string | null;
  readonly reportedAt: Date;
}

/** What was shown, and for how long. */
interface PlayedThing {
  readonly layoutId: string;
  readonly revision: number;
  /** Null: the layout as a whole. */
  readonly regionId: string | null;
  /** What of the media library was shown there; null: nothing of it. */
  readonly mediaId: string | null;
  readonly startedAt: Date;
  readonly durationMs: number;
}

/** What a device tells of one. */
export interface ReportedPlay extends PlayedThing {
  readonly playId: string;
}

/** What became of one: it is on record, was before, or cannot be what happened. */
export type PlayOutcome = (typeof PLAY_OUTCOMES)[number];
export const PLAY_OUTCOMES = [
  'RECORDED',
  'REPEATED',
  'WRONG_CLOCK',
  'UNKNOWN_LAYOUT',
  'UNKNOWN_REGION',
  'UNKNOWN_MEDIA',
] as const;

const MAX_PLAYS = 500;
/** What devices number things by: printable ASCII without blanks. */
const NUMBER = /^[!-~]{1,64}$/;
const MAX_DURATION_MS = 86_400_000;
/** How far the clock of a device may be ahead. */
const MAX_AHEAD_MS = 5 * 60_000;

/** @throws ValidationError */
export function parseBatch(batchId: string, plays: readonly ReportedPlay[]): void {
  requireNumber('batchId', batchId);
  requireWithin('plays', plays.length, { min: 1, max: MAX_PLAYS });
  for (const [at, { playId, durationMs, revision }] of plays.entries())
    inField(['plays', at], () => {
      requireNumber('playId', playId);
      requireWithin('durationMs', durationMs, { min: 1, max: MAX_DURATION_MS, unit: 'milliseconds' });
      requireWithin('revision', revision, { min: 1, max: 2_147_483_647 });
    });
}

function requireNumber(field: string, text: string): void {
  if (!NUMBER.test(text))
    throw new ValidationError(`${field} takes 1 to 64 printable ASCII characters without blanks.`, { field });
}

/** Whether it began when it can have, by a clock that is not far off: not before there was the device. */
export const isPlausible = (
  { startedAt }: ReportedPlay,
  { now, deviceSince }: { readonly now: Date; readonly deviceSince: Date },
): boolean =>
  startedAt.getTime() <= now.getTime() + MAX_AHEAD_MS &&
  startedAt.getTime() >= deviceSince.getTime() - MAX_AHEAD_MS;

/** What plays are counted by. */
export type PlayGrouping = (typeof PLAY_GROUPINGS)[number];
export const PLAY_GROUPINGS = ['DEVICE', 'LAYOUT', 'MEDIA'] as const;

/** Plays on one device, of one layout or of one medium together; what it is not is null. */
export interface PlayTotal {
  readonly deviceId: string | null;
  readonly layoutId: string | null;
  readonly mediaId: string | null;
  /** Of a layout or a medium: as it was called when it was last shown. */
  readonly name: string | null;
  readonly plays: number;
  readonly durationMs: bigint;
}
