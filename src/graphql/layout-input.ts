import { ValidationError } from '../lib/errors.ts';
import { MAX_EDGE } from '../signage/layout.ts';
import { MAX_REGIONS, type RegionChange } from '../signage/region.ts';
import { builder } from './builder.ts';
import { RegionInput, regionOf } from './region-input.ts';

const nameDescription =
  '1 to 100 characters (ValidationError); no two layouts of a venue have the same (LayoutNameTakenError).';
const edgeDescription = `Of the canvas, in pixels: 1 to ${MAX_EDGE} (ValidationError).`;

/** Which version the caller has before him. */
export const expectedVersionDescription =
  '`Layout.version` as the caller read it. When it is another by now nothing is changed, and VersionConflictError shows the layout as it is.';

/** What `createLayout` takes. */
export const CreateLayoutInput = builder.inputType('CreateLayoutInput', {
  description: 'A layout to begin with.',
  fields: (t) => ({
    name: t.string({ required: true, description: nameDescription }),
    width: t.int({ required: true, defaultValue: 1920, description: edgeDescription }),
    height: t.int({ required: true, defaultValue: 1080, description: edgeDescription }),
    regions: t.field({
      type: [RegionInput],
      description: `What it shows, at most ${MAX_REGIONS} (ValidationError); nothing without it.`,
    }),
  }),
});

/** What `updateLayout` takes. */
export const UpdateLayoutInput = builder.inputType('UpdateLayoutInput', {
  description: 'What of a draft is to change; what is left out stays.',
  fields: (t) => ({
    layoutId: t.id({ required: true, description: 'Which layout.' }),
    expectedVersion: t.int({ required: true, description: expectedVersionDescription }),
    name: t.string({ description: nameDescription }),
    width: t.int({ description: edgeDescription }),
    height: t.int({ description: edgeDescription }),
    regions: t.field({
      type: [RegionInput],
      description: 'All of them, instead of those there are; not with the two below (ValidationError).',
    }),
    upsertRegions: t.field({
      type: [RegionInput],
      description: 'Regions that are new, or take the place of those with the same `regionId`.',
    }),
    removeRegionIds: t.stringList({
      description: 'Regions that are to go. One that is not there gives ValidationError.',
    }),
  }),
});

/** How the regions of a draft are to change. @throws ValidationError, InvalidIdError, UnknownChannelError */
export function regionChangeOf(
  {
    regions,
    upsertRegions,
    removeRegionIds,
  }: Pick<typeof UpdateLayoutInput.$inferInput, 'regions' | 'upsertRegions' | 'removeRegionIds'>,
  venueId: string,
): RegionChange {
  if (regions && (upsertRegions || removeRegionIds))
    throw new ValidationError('Give all regions, or those that change.');
  if (regions) return { regions: regions.map((region, at) => regionOf(['regions', at], region, venueId)) };
  return {
    upserted: upsertRegions?.map((region, at) => regionOf(['upsertRegions', at], region, venueId)) ?? [],
    removedIds: removeRegionIds ?? [],
  };
}
