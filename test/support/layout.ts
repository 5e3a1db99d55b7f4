import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { pushToDevices } from '../../src/signage/display-service.ts';
import type { Layout } from '../../src/signage/layout.ts';
import { pushLayout } from '../../src/signage/layout-push-service.ts';
import { type CreateLayout, createLayout } from '../../src/signage/layout-service.ts';
import { publishLayout } from '../../src/signage/publishing-service.ts';
import type { Region } from '../../src/signage/region.ts';
import type { RunWork } from '../../src/work.ts';
import { DESK } from './booking.ts';

/** Words in the middle of a canvas of 1920 × 1080. */
export const aTextRegion = (id: string, text: string, fields: Partial<Region> = {}): Region => ({
  id,
  name: id,
  x: 10,
  y: 20,
  width: 300,
  height: 200,
  z: 0,
  content: { kind: 'TEXT', text },
  ...fields,
});

/** A layout that was never published, with one region of words. */
export const aDraft = (
  runWork: RunWork,
  fields: Pick<CreateLayout, 'venueId'> & Partial<CreateLayout>,
): Promise<Layout> =>
  runWork(DESK, (work) =>
    createLayout(work, {
      name: `Layout ${newId()}`,
      width: 1920,
      height: 1080,
      regions: [aTextRegion('text', 'Welcome')],
      ...fields,
    }),
  );

/** The same, published once. */
export async function aPublishedLayout(
  runWork: RunWork,
  fields: Pick<CreateLayout, 'venueId'> & Partial<CreateLayout>,
): Promise<Layout> {
  const { id: layoutId, venueId, version } = await aDraft(runWork, fields);
  const { layout } = await runWork(DESK, (work) =>
    publishLayout(work, { venueId, layoutId, expectedVersion: version, note: null }),
  );
  return layout;
}

/** A published layout that these screens shall show. */
export async function aPushedLayout(
  runWork: RunWork,
  {
    deviceIds,
    ...fields
  }: Parameters<typeof aPublishedLayout>[1] & { readonly deviceIds: readonly string[] },
): Promise<Layout> {
  const layout = await aPublishedLayout(runWork, fields);
  const { id: layoutId, venueId } = layout;
  await runWork(DESK, (work) => pushToDevices(work, { venueId, deviceIds }, { layoutId, revision: 1 }));
  return layout;
}

/** The global ids of a published layout that no screen shows, and of a push of it that is to come. */
export async function someSignage(runWork: RunWork, venueId: string): Promise<Record<string, string>> {
  const { id: layoutId } = await aPublishedLayout(runWork, { venueId });
  const at = new Date(Date.now() + 86_400_000);
  const { push } = await runWork(DESK, (work) =>
    pushLayout(work, { venueId, layoutId, deviceIds: null, groupIds: null, at }),
  );
  return {
    Layout: encodeGlobalId('Layout', layoutId),
    LayoutPush: encodeGlobalId('LayoutPush', push?.id ?? ''),
  };
}
