import { NotFoundError, ValidationError } from '../lib/errors.ts';
import type { WantedPlace } from '../parking/claiming.ts';
import type { SpaceKind } from '../parking/space.ts';
import { findSpacesByIds } from '../parking/space-store.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';

/** How inputs say which place is wanted. */
export const PLACE = {
  lotId: 'The lot, for any place of it; or `spaceId` (ValidationError).',
  spaceId: 'One space, instead of `lotId`.',
  kind: 'With `lotId`: any space of this kind.',
};

export const plateDescription =
  'The plate of the car: 1 to 16 letters, digits and hyphens; blanks and small letters do not matter. Shown to whose it is and to who oversees parking, and never in events.';

type Given<T> = T | null | undefined;

/** @throws ValidationError, NotFoundError */
export async function placeOf(
  { lotId, spaceId, kind }: { lotId?: Given<string>; spaceId?: Given<string>; kind?: Given<SpaceKind> },
  context: Context,
): Promise<{ readonly lotId: string; readonly place: WantedPlace }> {
  if ((lotId == null) === (spaceId == null)) throw new ValidationError('Give lotId or spaceId.');
  if (lotId != null)
    return { lotId: decodeIdOf('ParkingLot', lotId), place: { spaceId: null, kind: kind ?? null } };
  if (kind != null) throw new ValidationError('kind goes with lotId.', { field: 'kind' });
  const id = decodeIdOf('ParkingSpace', spaceId ?? '');
  const { db, now } = context;
  const [space] = await findSpacesByIds(db, venueIdOf(context), { ids: [id], now });
  if (!space) throw new NotFoundError('parking space');
  return { lotId: space.lotId, place: { spaceId: id, kind: null } };
}
