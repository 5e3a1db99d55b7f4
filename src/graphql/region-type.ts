import { METER_DEFINITIONS } from '../machine/meter.ts';
import { channelOfKey } from '../notification/channel.ts';
import type { Binding, Content, Region } from '../signage/region.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { channelName } from './channel-name.ts';
import { foundOrNull } from './found.ts';
import { JackpotType } from './jackpot.ts';
import { MachineType } from './machine-type.ts';
import { MediaType } from './media-type.ts';
import { MeterCodeEnum } from './meter-type.ts';
import { ParkingLotType } from './parking-lot-type.ts';
import { PlaylistType } from './playlist-type.ts';
import { ResourceType } from './resource-type.ts';

type OfKind<T extends { readonly kind: string }, K extends T['kind']> = Extract<T, { readonly kind: K }>;

const TextContentType = builder.objectRef<OfKind<Content, 'TEXT'>>('TextContent').implement({
  description: 'Words.',
  fields: (t) => ({
    text: t.exposeString('text', { description: 'Plain text, at most 2000 characters; line breaks count.' }),
  }),
});

export const MediaContentType = builder.objectRef<OfKind<Content, 'MEDIA'>>('MediaContent').implement({
  description: 'A picture, a film, a document.',
  fields: (t) => ({
    mediaId: t.globalID({
      description: 'Which.',
      resolve: ({ mediaId }) => ({ type: 'Media', id: mediaId }),
    }),
    media: t.field({
      type: MediaType,
      nullable: true,
      description: 'The same, with where its file is fetched; null when it is there no more.',
      resolve: ({ mediaId }, _args, context) => foundOrNull(MediaType.getDataloader(context), mediaId),
    }),
  }),
});

export const PlaylistContentType = builder
  .objectRef<OfKind<Content, 'PLAYLIST'>>('PlaylistContent')
  .implement({
    description: 'Media one after the other, again and again.',
    fields: (t) => ({
      playlistId: t.globalID({
        description: 'Which.',
        resolve: ({ playlistId }) => ({ type: 'Playlist', id: playlistId }),
      }),
      playlist: t.field({
        type: PlaylistType,
        nullable: true,
        description: 'The same, with what it shows; null when it is there no more.',
        resolve: ({ playlistId }, _args, context) =>
          foundOrNull(PlaylistType.getDataloader(context), playlistId),
      }),
    }),
  });

const UNSEEN = 'null when it is there no more, and to who may not see it, such as a device.';

const MeterBindingType = builder.objectRef<OfKind<Binding, 'METER'>>('MeterBinding').implement({
  description: 'A meter of a machine.',
  fields: (t) => ({
    machineId: t.globalID({
      description: 'Of which machine.',
      resolve: ({ machineId }) => ({ type: 'Machine', id: machineId }),
    }),
    machine: t.field({
      type: MachineType,
      nullable: true,
      description: `The same; ${UNSEEN}`,
      resolve: ({ machineId }, _args, context) => foundOrNull(MachineType.getDataloader(context), machineId),
    }),
    meter: t.field({
      type: MeterCodeEnum,
      description: 'Which meter.',
      resolve: ({ meter }) => METER_DEFINITIONS.find(({ name }) => name === meter)?.code ?? 0,
    }),
  }),
});

const JackpotBindingType = builder.objectRef<OfKind<Binding, 'JACKPOT'>>('JackpotBinding').implement({
  description: 'What a jackpot stands at.',
  fields: (t) => ({
    jackpotId: t.globalID({
      description: 'Which.',
      resolve: ({ jackpotId }) => ({ type: 'Jackpot', id: jackpotId }),
    }),
    jackpot: t.field({
      type: JackpotType,
      nullable: true,
      description: `The same; ${UNSEEN}`,
      resolve: ({ jackpotId }, _args, context) => foundOrNull(JackpotType.getDataloader(context), jackpotId),
    }),
  }),
});

const OccupancyBindingType = builder.objectRef<OfKind<Binding, 'OCCUPANCY'>>('OccupancyBinding').implement({
  description: 'How full a parking lot is.',
  fields: (t) => ({
    lotId: t.globalID({
      description: 'Which.',
      resolve: ({ lotId }) => ({ type: 'ParkingLot', id: lotId }),
    }),
    lot: t.field({
      type: ParkingLotType,
      nullable: true,
      description: `The same; ${UNSEEN}`,
      resolve: ({ lotId }, _args, context) => foundOrNull(ParkingLotType.getDataloader(context), lotId),
    }),
  }),
});

const SlotBoardBindingType = builder.objectRef<OfKind<Binding, 'SLOT_BOARD'>>('SlotBoardBinding').implement({
  description: 'The slots of a resource today, and which of them can be had.',
  fields: (t) => ({
    resourceId: t.globalID({
      description: 'Of which.',
      resolve: ({ resourceId }) => ({ type: 'Resource', id: resourceId }),
    }),
    resource: t.field({
      type: ResourceType,
      nullable: true,
      description: `The same; ${UNSEEN}`,
      resolve: ({ resourceId }, _args, context) =>
        foundOrNull(ResourceType.getDataloader(context), resourceId),
    }),
  }),
});

const ChannelBindingType = builder.objectRef<OfKind<Binding, 'CHANNEL'>>('ChannelBinding').implement({
  description: 'What was said last on a channel.',
  fields: (t) => ({
    channel: t.string({
      description: 'Its name.',
      resolve: ({ channel: key }, _args, context) => {
        const channel = channelOfKey(key);
        return channel ? channelName(venueIdOf(context), channel) : key;
      },
    }),
  }),
});

const BINDING_TYPES = {
  METER: MeterBindingType,
  JACKPOT: JackpotBindingType,
  OCCUPANCY: OccupancyBindingType,
  SLOT_BOARD: SlotBoardBindingType,
  CHANNEL: ChannelBindingType,
};

export const LiveBindingType = builder.unionType('LiveBinding', {
  description: 'A value of the venue. Clients must survive members they do not know.',
  types: Object.values(BINDING_TYPES),
  resolveType: (binding) => BINDING_TYPES[binding.kind],
});

const LiveContentType = builder.objectRef<OfKind<Content, 'LIVE'>>('LiveContent').implement({
  description: 'A value of the venue as it is now.',
  fields: (t) => ({
    binding: t.expose('binding', { type: LiveBindingType, description: 'Which.' }),
  }),
});

const CONTENT_TYPES = {
  TEXT: TextContentType,
  MEDIA: MediaContentType,
  PLAYLIST: PlaylistContentType,
  LIVE: LiveContentType,
};

export const RegionContentType = builder.unionType('RegionContent', {
  description: 'What a region shows. Clients must survive members they do not know.',
  types: Object.values(CONTENT_TYPES),
  resolveType: (content) => CONTENT_TYPES[content.kind],
});

export const RegionType = builder.objectRef<Region>('Region').implement({
  description:
    'A part of a layout: where it lies on the canvas, and what it shows. Regions may lie on one another.',
  fields: (t) => ({
    regionId: t.exposeString('id', {
      description: 'Its own within the layout: 1 to 32 lower-case letters, digits and hyphens. No global id.',
    }),
    name: t.exposeString('name', { description: 'What people call it, at most 100 characters.' }),
    x: t.exposeInt('x', { description: 'How far its left edge is from that of the canvas, in pixels.' }),
    y: t.exposeInt('y', { description: 'How far its upper edge is from that of the canvas, in pixels.' }),
    width: t.exposeInt('width', { description: 'In pixels.' }),
    height: t.exposeInt('height', { description: 'In pixels.' }),
    z: t.exposeInt('z', { description: 'What lies above: 0 to 999, the higher the nearer.' }),
    content: t.expose('content', { type: RegionContentType, description: 'What it shows.' }),
  }),
});
