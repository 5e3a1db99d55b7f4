import { newId } from '../../src/lib/ids.ts';
import type { LayoutAt } from '../../src/signage/display.ts';
import { pushToDevices } from '../../src/signage/display-service.ts';
import type { Binding, Content, Region } from '../../src/signage/region.ts';
import type { RunWork } from '../../src/work.ts';
import { DESK } from './booking.ts';

/** A region of this content on a canvas of 1920 × 1080. */
export const aRegion = (id: string, content: Content, fields: Partial<Region> = {}): Region => ({
  id,
  name: id,
  x: 0,
  y: 0,
  width: 960,
  height: 540,
  z: 0,
  content,
  ...fields,
});

/** Regions that show live values, named as they are called here. */
export const liveRegions = (bindings: Readonly<Record<string, Binding>>): readonly Region[] =>
  Object.entries(bindings).map(([id, binding]) => aRegion(id, { kind: 'LIVE', binding }));

/** A layout that was published once, whatever its regions say: nobody asks whether there is what they show. */
export async function aLayout(
  runWork: RunWork,
  { venueId, regions = [] }: { readonly venueId: string; readonly regions?: readonly Region[] },
): Promise<LayoutAt> {
  const id = newId();
  const drawn = { name: `Layout ${id}`, width: 1920, height: 1080, regions: JSON.stringify(regions) };
  const by = JSON.stringify({ kind: 'system', id: 'test' });
  await runWork(DESK, async ({ tx, now }) => {
    await tx
      .insertInto('layout')
      .values({ id, venue_id: venueId, ...drawn, created_at: now, updated_at: now, updated_by: by })
      .execute();
    await tx
      .insertInto('layout_revision')
      .values({
        layout_id: id,
        venue_id: venueId,
        revision: 1,
        ...drawn,
        note: null,
        published_at: now,
        published_by: by,
      })
      .execute();
    await tx
      .updateTable('layout')
      .set({ status: 'PUBLISHED', published_revision: 1 })
      .where('id', '=', id)
      .execute();
  });
  return { layoutId: id, revision: 1 };
}

/** Has devices show a layout, or nothing. */
export const aPush = (
  runWork: RunWork,
  { venueId, deviceIds }: { readonly venueId: string; readonly deviceIds: readonly string[] },
  layout: LayoutAt | null,
): Promise<readonly string[]> => runWork(DESK, (work) => pushToDevices(work, { venueId, deviceIds }, layout));
