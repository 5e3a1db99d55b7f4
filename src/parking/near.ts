import { ValidationError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import { type Location, parseLocation } from './lot.ts';

/** What lies around a place. */
export interface Near {
  readonly center: Location;
  /** Along the ground; null: however far. */
  readonly radiusMeters: number | null;
}

/** Latitudes and longitudes between which everything lies that is near enough, and something that is not. */
export interface Bounds {
  readonly south: number;
  readonly north: number;
  /** One or two, each from west to east; two on both sides of the 180th meridian. */
  readonly longitudes: readonly (readonly [west: number, east: number])[];
}

/** The mean radius of the earth. */
export const EARTH_METERS = 6_371_008.8;
const MAX_RADIUS = 20_100_000;
/** What is exactly as far away is not lost to rounding: a tenth of a millimetre. */
const MARGIN_DEGREES = 1e-9;
const EVERYWHERE: Bounds['longitudes'] = [[-180, 180]];

/** @throws ValidationError */
export function parseNear({ center, radiusMeters }: Near): Near {
  if (radiusMeters !== null && !(radiusMeters > 0 && radiusMeters <= MAX_RADIUS))
    throw new ValidationError(`radiusMeters takes more than 0 to ${MAX_RADIUS}.`, { field: 'radiusMeters' });
  return { center: inField('near', () => parseLocation(center)), radiusMeters };
}

/** A box of coordinates, for an index to look in. */
export function boundsOf({ latitude, longitude }: Location, radiusMeters: number): Bounds {
  const angle = radiusMeters / EARTH_METERS;
  const height = degrees(angle) + MARGIN_DEGREES;
  const south = Math.max(-90, latitude - height);
  const north = Math.min(90, latitude + height);
  // Around a pole every longitude is near.
  if (south === -90 || north === 90) return { south, north, longitudes: EVERYWHERE };
  const width =
    degrees(Math.asin(Math.min(1, Math.sin(angle) / Math.cos(radians(latitude))))) + MARGIN_DEGREES;
  return { south, north, longitudes: longitudesOf(longitude - width, longitude + width) };
}

function longitudesOf(west: number, east: number): Bounds['longitudes'] {
  if (east - west >= 360) return EVERYWHERE;
  if (west <= -180)
    return [
      [west + 360, 180],
      [-180, east],
    ];
  if (east >= 180)
    return [
      [west, 180],
      [-180, east - 360],
    ];
  return [[west, east]];
}

const degrees = (angle: number) => (angle * 180) / Math.PI;
const radians = (angle: number) => (angle * Math.PI) / 180;
