import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { parseMinor } from '../lib/money.ts';
import type { ParkingRate } from '../parking/rate.ts';
import { setParkingRate } from '../parking/rate-service.ts';
import { countRates, findRatesAt, listRates } from '../parking/rate-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { perContext } from './per-context.ts';
import './domain-errors.ts';
import { wholeMinutes } from './duration.ts';
import { decodeIdOf } from './ids.ts';
import { MoneyType } from './money.ts';
import { resolvePage } from './page.ts';
import { ParkingLotType } from './parking-lot-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { ownVenue } from './venue.ts';

export const ParkingRateType = builder.objectRef<ParkingRate>('ParkingRate').implement({
  description:
    'What a stay costs that begins while it is in force: until the next one is. A `RateTable` of APDS.',
  fields: (t) => ({
    id: t.globalID({ description: 'Its id.', resolve: ({ id }) => ({ type: 'ParkingRate', id }) }),
    validFrom: t.expose('validFrom', { type: 'DateTime', description: 'From when on it is in force.' }),
    price: t.field({
      type: MoneyType,
      description: 'What each begun `per` costs.',
      resolve: ({ priceMinor, currency }) => ({ amountMinor: priceMinor, currency }),
    }),
    per: t.field({
      type: 'Duration',
      description: 'For how long the price is: `PT30M`.',
      resolve: ({ perMinutes }) => perMinutes * 60,
    }),
    grace: t.field({
      type: 'Duration',
      description: 'Who leaves within it pays nothing.',
      resolve: ({ graceMinutes }) => graceMinutes * 60,
    }),
    dailyCap: t.field({
      type: MoneyType,
      nullable: true,
      description: 'What each 24 hours since the beginning cost at most; null: there is no such limit.',
      resolve: ({ dailyCapMinor, currency }) =>
        dailyCapMinor === null ? null : { amountMinor: dailyCapMinor, currency },
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was set.' }),
  }),
});

builder.objectFields(ParkingLotType, (t) => ({
  rate: t.field({
    type: ParkingRateType,
    nullable: true,
    description: 'What a stay costs that begins now; null: nothing.',
    resolve: ({ id }, _args, context) => rateOf(context).load(id),
  }),
  rates: t.connection(
    {
      type: ParkingRateType,
      description: 'All its rates, those that are to come first, then back in time.',
      resolve: ({ id }, args, { db }) =>
        resolvePage(args, {
          keyOf: (rate: ParkingRate) => ({ at: rate.validFrom, id: rate.id }),
          load: (range) => listRates(db, id, range),
          count: () => countRates(db, id),
        }),
    },
    { name: 'ParkingRateConnection', description: 'One page of the rates of a lot.' },
    { name: 'ParkingRateEdge' },
  ),
}));

const rateOf = perContext(({ db, now }, ids) => findRatesAt(db, ids, now));

const SetParkingRateInput = builder.inputType('SetParkingRateInput', {
  description: 'What stays are to cost. Amounts are in the venue’s currency.',
  fields: (t) => ({
    lotId: t.id({ required: true, description: 'On which lot.' }),
    price: t.field({ type: 'Decimal', required: true, description: 'What each begun `per` costs.' }),
    per: t.field({
      type: 'Duration',
      required: true,
      description: 'For how long the price is, whole minutes from PT1M to PT24H (ValidationError).',
    }),
    grace: t.field({
      type: 'Duration',
      description:
        'Who leaves within it pays nothing: whole minutes up to PT24H (ValidationError), none without it.',
    }),
    dailyCap: t.field({
      type: 'Decimal',
      description: 'What each 24 hours since the beginning of a stay cost at most; null: no limit.',
    }),
    validFrom: t.field({
      type: 'DateTime',
      description:
        'From when on, not in the past (ValidationError); from now on without it. What was planned for the same instant is replaced.',
    }),
  }),
});

builder.mutationField('setParkingRate', (t) =>
  t.field({
    type: builder.objectRef<ParkingRate>('SetParkingRateSuccess').implement({
      description: 'The rate.',
      fields: (f) => ({
        success: f.boolean({ description: successDescription, resolve: () => true }),
        message: f.string({ description: messageDescription, resolve: () => 'The rate was set.' }),
        rate: f.field({ type: ParkingRateType, description: 'The rate.', resolve: (rate) => rate }),
        lot: f.field({
          type: ParkingLotType,
          description: 'The lot as it is now.',
          resolve: ({ lotId }) => lotId,
        }),
      }),
    }),
    nullable: true,
    authScopes: { scope: 'PARKING_MANAGE' },
    description:
      'What stays on a lot cost that begin from now on, or later. Who stands there pays by the rate in force when he came. Needs PARKING_MANAGE (AUTH_004).',
    args: { input: t.arg({ type: SetParkingRateInput, required: true, description: 'The rate.' }) },
    errors: { types: [ValidationError, NotFoundError, NotOwnerError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const lotId = decodeIdOf('ParkingLot', input.lotId);
      const { currency } = await ownVenue(context);
      return await context.runWork(context.actor, (work) =>
        setParkingRate(work, {
          venueId: venueIdOf(context),
          lotId,
          priceMinor: parseMinor(input.price, currency, 'price'),
          perMinutes: wholeMinutes('per', input.per),
          graceMinutes: input.grace == null ? 0 : wholeMinutes('grace', input.grace),
          dailyCapMinor: input.dailyCap == null ? null : parseMinor(input.dailyCap, currency, 'dailyCap'),
          validFrom: input.validFrom ?? null,
        }),
      );
    },
  }),
);
