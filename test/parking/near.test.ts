import { beforeAll, expect, test } from 'vitest';
import type { Location } from '../../src/parking/lot.ts';
import { type DistanceRange, listLotsNear } from '../../src/parking/lot-search-store.ts';
import { boundsOf, parseNear } from '../../src/parking/near.ts';
import { createRunWork } from '../../src/work.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aParkingLot } from '../support/parking.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
let venueId: string;

const PLACES: Readonly<Record<string, Location>> = {
  stephansplatz: { latitude: 48.2085, longitude: 16.3721 },
  prater: { latitude: 48.2166, longitude: 16.3958 },
  graz: { latitude: 47.0707, longitude: 15.4395 },
  fijiWest: { latitude: -17, longitude: 179.999 },
  fijiEast: { latitude: -17, longitude: -179.999 },
  northPole: { latitude: 90, longitude: 0 },
  arcticEast: { latitude: 89.999, longitude: 90 },
  arcticWest: { latitude: 89.999, longitude: -90 },
  southPole: { latitude: -90, longitude: 45 },
};

beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
  for (const [name, location] of Object.entries(PLACES))
    await aParkingLot(runWork, { venueId, name, location });
  await aParkingLot(runWork, { venueId, name: 'nowhere' });
});

const WHOLE: DistanceRange = { after: null, before: null, limit: 100, backward: false };
const filter = { status: null, minFree: null };
const search = (center: Location, radiusMeters: number | null, range = WHOLE) =>
  listLotsNear(db, venueId, { near: { center, radiusMeters }, filter, range, now: new Date() });
const namesNear = async (center: Location, radiusMeters: number | null) =>
  (await search(center, radiusMeters)).map(({ lot }) => lot.name);
const at = (name: string): Location => PLACES[name] ?? { latitude: 0, longitude: 0 };

/** By the spherical law of cosines in vectors: another way than the statement's. */
function distance(a: Location, b: Location): number {
  const vector = ({ latitude, longitude }: Location) => {
    const [lat, lon] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
    return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)] as const;
  };
  const [[ax, ay, az], [bx, by, bz]] = [vector(a), vector(b)];
  const cross = Math.hypot(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx);
  return 6_371_008.8 * Math.atan2(cross, ax * bx + ay * by + az * bz);
}

test('the nearest lots come first, as far away as a great circle is long', async () => {
  const found = await search(at('stephansplatz'), 1_000_000);
  expect(found.map(({ lot }) => lot.name)).toEqual(['stephansplatz', 'prater', 'graz']);
  for (const { lot, distanceMeters } of found)
    expect(distanceMeters).toBeCloseTo(distance(at('stephansplatz'), at(lot.name)), 3);
});

test('what is exactly so far away is found, and a metre less does not find it', async () => {
  const meters = (await search(at('stephansplatz'), null)).find(
    ({ lot }) => lot.name === 'graz',
  )?.distanceMeters;
  expect(meters).toBeGreaterThan(140_000);
  expect(await namesNear(at('stephansplatz'), meters ?? 0)).toContain('graz');
  expect(await namesNear(at('stephansplatz'), (meters ?? 0) - 1)).not.toContain('graz');
});

test.each([
  ['fijiWest', 500, ['fijiWest', 'fijiEast']],
  ['fijiEast', 500, ['fijiEast', 'fijiWest']],
  ['fijiEast', 100, ['fijiEast']],
  ['northPole', 200, ['northPole', 'arcticEast', 'arcticWest']],
  ['arcticEast', 150, ['arcticEast', 'northPole']],
  ['arcticEast', 250, ['arcticEast', 'northPole', 'arcticWest']],
  ['southPole', 1_000, ['southPole']],
] as const)('around %s within %i m lie %o', async (name, radiusMeters, names) => {
  expect((await namesNear(at(name), radiusMeters)).sort()).toEqual([...names].sort());
});

test('a longitude says nothing at a pole', async () => {
  expect(await namesNear({ latitude: 90, longitude: 135 }, 1)).toEqual(['northPole']);
});

test('without a radius everything that says where it is is found, the other side of the earth last', async () => {
  const found = await search(at('stephansplatz'), null);
  expect(found).toHaveLength(Object.keys(PLACES).length);
  const meters = found.map(({ distanceMeters }) => distanceMeters);
  expect(meters).toEqual([...meters].sort((a, b) => a - b));
});

test('pages by distance follow each other forward and backward', async () => {
  const center = at('graz');
  const all = await search(center, null);
  const place = (index: number) => {
    const { lot, distanceMeters = 0 } = all[index] ?? {};
    return { distanceMeters, id: lot?.id ?? '' };
  };
  const after = await search(center, null, { ...WHOLE, after: place(2), limit: 3 });
  expect(after.map(({ lot }) => lot.name)).toEqual(all.slice(3, 6).map(({ lot }) => lot.name));
  const before = await search(center, null, { ...WHOLE, before: place(3), limit: 2, backward: true });
  expect(before.map(({ lot }) => lot.name)).toEqual([all[2]?.lot.name, all[1]?.lot.name]);
});

test('a box around a place holds whatever is near enough, anywhere on earth', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let round = 0; round < 20_000; round += 1) {
    const center = { latitude: random() * 180 - 90, longitude: random() * 360 - 180 };
    const place = { latitude: random() * 180 - 90, longitude: random() * 360 - 180 };
    const { south, north, longitudes } = boundsOf(center, distance(center, place) + 0.001);
    const isInside =
      place.latitude >= south &&
      place.latitude <= north &&
      longitudes.some(([west, east]) => place.longitude >= west && place.longitude <= east);
    expect(isInside, JSON.stringify({ center, place })).toBe(true);
  }
});

test.each([
  [{ latitude: 90.1, longitude: 0 }, 1],
  [{ latitude: 0, longitude: -180.1 }, 1],
  [{ latitude: Number.NaN, longitude: 0 }, 1],
  [{ latitude: 0, longitude: 0 }, 0],
  [{ latitude: 0, longitude: 0 }, 20_100_001],
])('nothing is near %o within %d m: API_001', (center, radiusMeters) => {
  expect(() => parseNear({ center, radiusMeters })).toThrow('takes');
});
