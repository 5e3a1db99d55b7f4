import { isDeepStrictEqual } from 'node:util';
import { ValidationError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import { parseName } from '../lib/name.ts';
import { requireWithin } from '../lib/within.ts';

/** A part of a layout: where it lies on the canvas, and what it shows. */
export interface Region {
  /** Its own within the layout: 1 to 32 lower-case letters, digits and hyphens, no hyphen first. */
  readonly id: string;
  readonly name: string;
  /** Its upper left corner and its size, in pixels of the canvas. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** What lies above: 0 to 999, the higher the nearer. */
  readonly z: number;
  readonly content: Content;
}

/** What a region shows. */
export type Content =
  | { readonly kind: 'TEXT'; readonly text: string }
  | { readonly kind: 'MEDIA'; readonly mediaId: string }
  | { readonly kind: 'PLAYLIST'; readonly playlistId: string }
  | { readonly kind: 'LIVE'; readonly binding: Binding };

/** A value of the venue that a region shows as it is now. */
export type Binding =
  /** By the name of the meter: `COIN_IN`. */
  | { readonly kind: 'METER'; readonly machineId: string; readonly meter: string }
  | { readonly kind: 'JACKPOT'; readonly jackpotId: string }
  | { readonly kind: 'OCCUPANCY'; readonly lotId: string }
  | { readonly kind: 'SLOT_BOARD'; readonly resourceId: string }
  /** What was said last there: a channel as `channelKey` writes it. */
  | { readonly kind: 'CHANNEL'; readonly channel: string };

export const MAX_REGIONS = 64;
/** In UTF-16 units. */
export const MAX_TEXT = 2_000;
const MAX_Z = 999;
const REGION_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;

interface Canvas {
  readonly width: number;
  readonly height: number;
}

/** The regions that somebody gives, and as what. The others of a drawing are those that stay. */
export interface GivenRegions {
  readonly field: 'regions' | 'upsertRegions';
  readonly list: readonly Region[];
}

/** The regions of a canvas, in the order given. @throws ValidationError */
export function parseRegions(
  regions: readonly Region[],
  canvas: Canvas,
  given: GivenRegions,
): readonly Region[] {
  const { field, list } = given;
  if (regions.length > MAX_REGIONS)
    throw new ValidationError(`A layout has at most ${MAX_REGIONS} regions.`, { field });
  if (new Set(regions.map(({ id }) => id)).size < regions.length)
    throw new ValidationError('Each region of a layout has a regionId of its own.', { field });
  for (const region of regions) if (!list.includes(region)) requireRoom(region, canvas);
  return regions.map((region) => {
    const at = list.indexOf(region);
    return at < 0 ? region : inField([field, at], () => parseRegion(region, canvas));
  });
}

/** What stays was right on the canvas there was. */
function requireRoom({ id, x, y, width, height }: Region, canvas: Canvas): void {
  for (const [field, edge, least] of [
    ['width', canvas.width, x + width],
    ['height', canvas.height, y + height],
  ] as const)
    if (edge < least)
      throw new ValidationError(`${field} takes at least ${least}: ${id} ends there.`, { field });
}

function parseRegion({ id, name, x, y, width, height, z, content }: Region, canvas: Canvas): Region {
  if (!REGION_ID.test(id))
    throw new ValidationError('regionId takes 1 to 32 lower-case letters, digits and hyphens.', {
      field: 'regionId',
    });
  requireWithin('x', x, { min: 0, max: canvas.width - 1 });
  requireWithin('y', y, { min: 0, max: canvas.height - 1 });
  requireWithin('width', width, { min: 1, max: canvas.width - x });
  requireWithin('height', height, { min: 1, max: canvas.height - y });
  requireWithin('z', z, { min: 0, max: MAX_Z });
  return {
    id,
    name: parseName(name),
    x,
    y,
    width,
    height,
    z,
    content: inField('content', () => parseContent(content)),
  };
}

function parseContent(content: Content): Content {
  if (content.kind !== 'TEXT') return content;
  const text = content.text.normalize('NFC');
  if (text.length > MAX_TEXT)
    throw new ValidationError(`text takes at most ${MAX_TEXT} characters.`, { field: 'text' });
  // A person sees none of them, and PostgreSQL keeps neither NUL nor half a character.
  if (/[\p{Cs}]|[^\P{Cc}\n\t]/u.test(text))
    throw new ValidationError('text has no control characters but line breaks and tabs.', { field: 'text' });
  return { kind: 'TEXT', text };
}

/** How the regions of a layout become others. */
export type RegionChange =
  | { readonly regions: readonly Region[] }
  | { readonly upserted: readonly Region[]; readonly removedIds: readonly string[] };

export const givenBy = (change: RegionChange): GivenRegions =>
  'regions' in change
    ? { field: 'regions', list: change.regions }
    : { field: 'upsertRegions', list: change.upserted };

/** @throws ValidationError when one is to go that is not there */
export function changeRegions(regions: readonly Region[], change: RegionChange): readonly Region[] {
  if ('regions' in change) return change.regions;
  const { upserted, removedIds } = change;
  const known = new Set(regions.map(({ id }) => id));
  const strange = removedIds.findIndex((id) => !known.has(id));
  if (strange >= 0)
    throw new ValidationError('A region that is to be removed is not there.', {
      field: ['removeRegionIds', strange],
    });
  const byId = new Map(upserted.map((region) => [region.id, region]));
  const kept = regions
    .filter(({ id }) => !removedIds.includes(id))
    .map((region) => byId.get(region.id) ?? region);
  const keptIds = new Set(kept.map(({ id }) => id));
  return [...kept, ...upserted.filter(({ id }) => !keptIds.has(id))];
}

/** Which regions are new or other than before, and which are there no more. */
export function differenceOf(
  before: readonly Region[],
  after: readonly Region[],
): { readonly changed: readonly Region[]; readonly removedIds: readonly string[] } {
  const known = new Map(before.map((region) => [region.id, region]));
  const left = new Set(after.map(({ id }) => id));
  return {
    changed: after.filter((region) => !isDeepStrictEqual(region, known.get(region.id))),
    removedIds: before.filter(({ id }) => !left.has(id)).map(({ id }) => id),
  };
}
