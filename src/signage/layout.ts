import type { actorReference } from '../lib/actor.ts';
import { parseName } from '../lib/name.ts';
import { requireWithin } from '../lib/within.ts';
import type { LayoutAt } from './display.ts';
import { type GivenRegions, parseRegions, type Region } from './region.ts';

/** What a screen shows: a canvas with regions. */
export interface Drawing {
  readonly name: string;
  /** Of the canvas, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly regions: readonly Region[];
}

/** Who did something: kind and id. */
export type Doer = ReturnType<typeof actorReference>;

/** A drawing that is worked on, and what of it was published. */
export interface Layout extends Drawing {
  readonly id: string;
  readonly venueId: string;
  /** The newest revision, which is what screens can be shown; null: there is none. */
  readonly publishedRevision: number | null;
  /** The version that became that revision. */
  readonly publishedVersion: number | null;
  /** Of the draft: grows with every change of it. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly updatedBy: Doer;
}

/** A drawing as it was published. It is never another afterwards. */
export interface LayoutRevision extends LayoutAt, Drawing {
  readonly venueId: string;
  /** What he says to it who published it. */
  readonly note: string | null;
  readonly publishedAt: Date;
  readonly publishedBy: Doer;
}

export type LayoutStatus = 'DRAFT' | 'PUBLISHED';

export const statusOf = ({ publishedRevision }: Pick<Layout, 'publishedRevision'>): LayoutStatus =>
  publishedRevision === null ? 'DRAFT' : 'PUBLISHED';

/** Of the edges of a canvas, in pixels. */
export const MAX_EDGE = 16_384;

/** @throws ValidationError */
export function parseDrawing({ name, width, height, regions }: Drawing, given: GivenRegions): Drawing {
  requireWithin('width', width, { min: 1, max: MAX_EDGE, unit: 'pixels' });
  requireWithin('height', height, { min: 1, max: MAX_EDGE, unit: 'pixels' });
  return { name: parseName(name), width, height, regions: parseRegions(regions, { width, height }, given) };
}
