import { type InputPath, ValidationError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import { definitionOf } from '../machine/meter.ts';
import { channelKey } from '../notification/channel.ts';
import { type Binding, type Content, MAX_REGIONS, MAX_TEXT, type Region } from '../signage/region.ts';
import { builder } from './builder.ts';
import { parseChannelName } from './channel-name.ts';
import { decodeIdOf } from './ids.ts';
import { MeterCodeEnum } from './meter-type.ts';

const LiveBindingInput = builder.inputType('LiveBindingInput', {
  description:
    'A value of the venue: `machineId` with `meter`, or exactly one of the others (ValidationError). One that is not there, or that the caller may not see, gives NotFoundError.',
  fields: (t) => ({
    machineId: t.id({ description: 'A meter of this machine.' }),
    meter: t.field({ type: MeterCodeEnum, description: 'Which meter of the machine.' }),
    jackpotId: t.id({ description: 'What this jackpot stands at.' }),
    lotId: t.id({ description: 'How full this parking lot is.' }),
    resourceId: t.id({ description: 'The slots of this resource today.' }),
    channel: t.string({
      description:
        'What was said last on this channel: that of the venue, or a custom one that devices may follow (ValidationError).',
    }),
  }),
});

const RegionContentInput = builder.inputType('RegionContentInput', {
  description: 'What a region shows: exactly one of these (ValidationError).',
  fields: (t) => ({
    text: t.string({
      description: `Words, at most ${MAX_TEXT} characters, no control characters but line breaks and tabs (ValidationError).`,
    }),
    mediaId: t.id({ description: 'A picture, a film, a document. A missing one gives NotFoundError.' }),
    playlistId: t.id({ description: 'Media one after the other. A missing one gives NotFoundError.' }),
    live: t.field({ type: LiveBindingInput, description: 'A value of the venue as it is now.' }),
  }),
});

/** A region as it is to be. */
export const RegionInput = builder.inputType('RegionInput', {
  description: `A part of a layout, which has at most ${MAX_REGIONS} (ValidationError).`,
  fields: (t) => ({
    regionId: t.string({
      required: true,
      description:
        'Its own within the layout: 1 to 32 lower-case letters, digits and hyphens, no hyphen first (ValidationError).',
    }),
    name: t.string({
      required: true,
      description: 'What people call it, 1 to 100 characters (ValidationError).',
    }),
    x: t.int({
      required: true,
      description:
        'How far its left edge is from that of the canvas, in pixels. It lies within (ValidationError).',
    }),
    y: t.int({
      required: true,
      description:
        'How far its upper edge is from that of the canvas, in pixels. It lies within (ValidationError).',
    }),
    width: t.int({ required: true, description: 'In pixels; it ends within the canvas (ValidationError).' }),
    height: t.int({ required: true, description: 'In pixels; it ends within the canvas (ValidationError).' }),
    z: t.int({
      required: true,
      defaultValue: 0,
      description: 'What lies above: 0 to 999, the higher the nearer (ValidationError).',
    }),
    content: t.field({ type: RegionContentInput, required: true, description: 'What it shows.' }),
  }),
});

/** What is given of a region, as the domain knows it. @throws ValidationError, InvalidIdError, UnknownChannelError */
export const regionOf = (
  field: InputPath,
  { regionId, name, x, y, width, height, z, content }: typeof RegionInput.$inferInput,
  venueId: string,
): Region =>
  inField(field, () => ({
    id: regionId,
    name,
    x,
    y,
    width,
    height,
    z,
    content: inField('content', () => contentOf(content, venueId)),
  }));

function contentOf(
  { text, mediaId, playlistId, live }: typeof RegionContentInput.$inferInput,
  venueId: string,
): Content {
  return onlyOne<Content>('content', [
    text != null && { kind: 'TEXT', text },
    mediaId != null && { kind: 'MEDIA', mediaId: decodeIdOf('Media', mediaId) },
    playlistId != null && { kind: 'PLAYLIST', playlistId: decodeIdOf('Playlist', playlistId) },
    live != null && { kind: 'LIVE', binding: inField('live', () => bindingOf(live, venueId)) },
  ]);
}

function bindingOf(
  { machineId, meter, jackpotId, lotId, resourceId, channel }: typeof LiveBindingInput.$inferInput,
  venueId: string,
): Binding {
  const meterName = definitionOf(Number(meter ?? NaN))?.name;
  if ((machineId == null) !== (meterName === undefined))
    throw new ValidationError('machineId goes with meter.', {
      field: machineId == null ? 'machineId' : 'meter',
    });
  return onlyOne<Binding>('live', [
    machineId != null &&
      meterName !== undefined && {
        kind: 'METER',
        machineId: decodeIdOf('Machine', machineId),
        meter: meterName,
      },
    jackpotId != null && { kind: 'JACKPOT', jackpotId: decodeIdOf('Jackpot', jackpotId) },
    lotId != null && { kind: 'OCCUPANCY', lotId: decodeIdOf('ParkingLot', lotId) },
    resourceId != null && { kind: 'SLOT_BOARD', resourceId: decodeIdOf('Resource', resourceId) },
    channel != null && { kind: 'CHANNEL', channel: channelKey(parseChannelName(venueId, channel)) },
  ]);
}

/** @throws ValidationError */
function onlyOne<T extends object>(field: string, given: readonly (T | false)[]): T {
  const [only, ...others] = given.filter((each) => each !== false);
  if (only === undefined || others.length > 0)
    throw new ValidationError(`Give exactly one of the fields of ${field}.`);
  return only;
}
