import { minutesOf } from '../lib/calendar.ts';
import { definitionOf } from '../machine/meter.ts';
import type {
  BoundMessage,
  BoundMeter,
  BoundOccupancy,
  BoundSlot,
  BoundSlotBoard,
  BoundValue,
} from '../signage/bound-value.ts';
import { builder } from './builder.ts';
import { labelOf, MeterUnitEnum } from './meter-type.ts';
import { MoneyType } from './money.ts';
import { SlotStateEnum } from './slot-type.ts';

const NAME = { description: 'What the floor calls it.' };

const BoundJackpotType = builder
  .objectRef<Extract<BoundValue, { readonly kind: 'JACKPOT' }>>('BoundJackpot')
  .implement({
    description: 'What a jackpot stands at.',
    fields: (t) => ({
      name: t.exposeString('name', NAME),
      amount: t.expose('amount', { type: MoneyType, description: 'What it stands at.' }),
    }),
  });

const BoundMeterType = builder.objectRef<BoundMeter>('BoundMeter').implement({
  description: 'A meter of a machine.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What the floor calls the machine.' }),
    label: t.string({
      description: 'The meter’s name in English.',
      resolve: ({ code }) => labelOf(code),
    }),
    unit: t.field({
      type: MeterUnitEnum,
      description: 'What it counts.',
      resolve: ({ code }) => definitionOf(code)?.unit ?? 'COUNT',
    }),
    value: t.expose('value', { type: 'BigInt', description: 'The raw counter or gauge, in its unit.' }),
    money: t.expose('money', {
      type: MoneyType,
      nullable: true,
      description:
        'What the value is worth. Null where the meter counts no money, or the machine has not told its denomination.',
    }),
  }),
});

const BoundOccupancyType = builder.objectRef<BoundOccupancy>('BoundOccupancy').implement({
  description: 'How full a parking lot is: `free` is `capacity` − `occupied` − `reserved`.',
  fields: (t) => ({
    name: t.exposeString('name', NAME),
    capacity: t.exposeInt('capacity', { description: 'How many cars it takes.' }),
    occupied: t.exposeInt('occupied', { description: 'How many cars stand there.' }),
    reserved: t.exposeInt('reserved', {
      description: 'How many places are reserved for this instant by who has not come yet.',
    }),
    free: t.exposeInt('free', {
      description: 'How many more cars it takes: below 0 where more stand than there is room for.',
    }),
    isStale: t.exposeBoolean('isStale', {
      description: 'Whether gates or sensors have been silent for too long, or have never spoken.',
    }),
  }),
});

interface ShownSlot extends BoundSlot {
  readonly timeZone: string;
}

const BoundSlotType = builder.objectRef<ShownSlot>('BoundSlot').implement({
  description: 'One slot of today, without who has it.',
  fields: (t) => ({
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'When it begins.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'When it ends.' }),
    startTime: t.field({
      type: 'LocalTime',
      description: 'When it begins, on the venue’s clock.',
      resolve: ({ startsAt, timeZone }) => minutesOf(startsAt, timeZone),
    }),
    endTime: t.field({
      type: 'LocalTime',
      description: 'When it ends, on the venue’s clock.',
      resolve: ({ endsAt, timeZone }) => minutesOf(endsAt, timeZone),
    }),
    state: t.expose('state', { type: SlotStateEnum, description: 'Whether somebody can have it.' }),
    free: t.exposeInt('free', { description: 'How many more can have it.' }),
  }),
});

const BoundSlotBoardType = builder.objectRef<BoundSlotBoard>('BoundSlotBoard').implement({
  description: 'The slots of today; at midnight on the venue’s clock it is another day’s.',
  fields: (t) => ({
    name: t.exposeString('name', NAME),
    date: t.expose('day', { type: 'LocalDate', description: 'Today, by the venue’s calendar.' }),
    slots: t.field({
      type: [BoundSlotType],
      description: 'All of them, in order.',
      resolve: ({ slots, timeZone }) => slots.map((slot) => ({ ...slot, timeZone })),
    }),
  }),
});

const BoundMessageType = builder.objectRef<BoundMessage>('BoundMessage').implement({
  description: 'What was said last on a channel.',
  fields: (t) => ({
    type: t.exposeString('type', {
      description: 'What kind of message it is, in the words of who sent it.',
    }),
    data: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What was said: JSON as it was sent.',
      resolve: ({ dataText }): unknown => JSON.parse(dataText),
    }),
    sentAt: t.expose('sentAt', { type: 'DateTime', description: 'When it was said.' }),
  }),
});

const TYPES = {
  JACKPOT: BoundJackpotType,
  METER: BoundMeterType,
  OCCUPANCY: BoundOccupancyType,
  SLOT_BOARD: BoundSlotBoardType,
  CHANNEL: BoundMessageType,
} satisfies Record<BoundValue['kind'], unknown>;

export const BoundValueType = builder.unionType('BoundValue', {
  description: 'What a live region shows now. Clients must survive members they do not know.',
  types: Object.values(TYPES),
  resolveType: ({ kind }: BoundValue) => TYPES[kind],
});
