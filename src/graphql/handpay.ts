import { NotFoundError } from '../lib/errors.ts';
import { type Money, moneyOfCents } from '../lib/money.ts';
import type { Handpay, HandpayKind, HandpayMethod, HandpayReset } from '../machine/handpay.ts';
import { findHandpaysByIds } from '../machine/handpay-store.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { EventActorType } from './log-event.ts';
import { MachineType, visibleOf } from './machine-type.ts';
import { MoneyType } from './money.ts';
import { ownVenue } from './venue.ts';

const HandpayKindEnum = builder.enumType('HandpayKind', {
  description: 'What a handpay is for.',
  values: {
    NORMAL_WIN: { description: 'A win of the paytable.' },
    PROGRESSIVE_WIN: { description: 'A level of a progressive.' },
    TOP_AWARD: { description: 'The highest award that is no progressive.' },
    CANCELLED_CREDITS: { description: 'Credits that the player cashed out.' },
  } satisfies Record<HandpayKind, { description: string }>,
});

export const HandpayMethodEnum = builder.enumType('HandpayMethod', {
  description: 'Where a handpay goes when it is reset.',
  values: {
    STANDARD: { description: 'To the player, by an attendant who pays it.' },
    CREDIT_METER: { description: 'To the machine’s credit meter, to be played on (poll A8).' },
  } satisfies Record<HandpayMethod, { description: string }>,
});

const BY_FLOORWIRE = { kind: 'system', id: null } as const;

const HandpayResetType = builder.objectRef<HandpayReset>('HandpayReset').implement({
  description: 'That a handpay was reset.',
  fields: (t) => ({
    at: t.expose('at', {
      type: 'DateTime',
      description: 'When that was first known: the machine said so, or did as it was told.',
    }),
    method: t.field({
      type: HandpayMethodEnum,
      nullable: true,
      description: 'Where it went. Null when it was reset at the machine, which does not tell.',
      resolve: ({ command }) => command?.method,
    }),
    by: t.field({
      type: EventActorType,
      nullable: true,
      description: 'Who had it reset with `resetHandpay`. Null when it was reset at the machine.',
      resolve: ({ command }) => command && (command.requestedBy ?? BY_FLOORWIRE),
    }),
    reason: t.string({
      nullable: true,
      description: 'Why, in the words of who did.',
      resolve: ({ command }) => command?.reason,
    }),
  }),
});

/** A handpay of a list, or of a stream; then with its place in the log. */
export type ShownHandpay = Handpay & { readonly cursor?: string };

export const HandpayType = builder.loadableNodeRef<ShownHandpay, never, string, string>('Handpay', {
  id: { resolve: ({ id }: ShownHandpay) => id },
  load: loadHandpays,
});

HandpayType.implement({
  description:
    'Money that an attendant pays by hand: what a machine that waits with it told (poll 1B). A machine that does not know the poll only raises the event HANDPAY_PENDING.',
  fields: (t) => ({
    machine: t.field({
      type: MachineType,
      description: 'Which machine.',
      resolve: ({ machineId }) => machineId,
    }),
    kind: t.expose('kind', {
      type: HandpayKindEnum,
      nullable: true,
      description: 'What it is for; null for a level that nobody has described.',
    }),
    amount: t.field({
      type: MoneyType,
      nullable: true,
      description: 'What is to be paid; null when the machine told nonsense.',
      resolve: ({ cents }, _args, context) => (cents === null ? null : moneyOf(cents, context)),
    }),
    progressiveGroup: t.exposeInt('progressiveGroup', {
      description: 'The group of the progressive, 1 to 255; 0 for other wins.',
    }),
    level: t.exposeInt('level', {
      description: 'As the machine told it, 0 to 255: 1 to 32 is the level of a progressive.',
    }),
    partialPay: t.expose('partialPay', {
      type: 'BigInt',
      nullable: true,
      description: 'What was paid already, in units of the machine; null when it told nonsense.',
    }),
    canGoToCreditMeter: t.exposeBoolean('canGoToCreditMeter', {
      description: 'Whether the machine lets it go to the credit meter.',
    }),
    pendingAt: t.expose('pendingAt', { type: 'DateTime', description: 'When it was read from the line.' }),
    reset: t.expose('reset', {
      type: HandpayResetType,
      nullable: true,
      description:
        'That it was reset; null while the machine waits with it. A machine does not tell which of several it reset: the oldest counts.',
    }),
    cursor: t.field({
      type: 'Cursor',
      nullable: true,
      description:
        'On a frame of the subscription `handpays`: resume behind it with `after`. Null elsewhere.',
      resolve: ({ cursor }) => cursor,
    }),
  }),
});

async function moneyOf(cents: bigint, context: Context): Promise<Money> {
  return moneyOfCents(cents, (await ownVenue(context)).currency);
}

async function loadHandpays(
  ids: readonly string[],
  context: Context,
): Promise<(ShownHandpay | NotFoundError)[]> {
  const found = await visibleOf(context, (venueId) => findHandpaysByIds(context.db, venueId, ids));
  const byId = new Map(found.map((handpay) => [handpay.id, handpay]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('handpay'));
}
