import {
  type ExecutionArgs,
  type ExecutionResult,
  type FieldNode,
  type GraphQLField,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { canSeeUser, canSeeUsers } from '../auth/policy.ts';
import { canSeeBooking } from '../booking/policy.ts';
import type { Slot } from '../booking/slot.ts';
import {
  type DayBooking,
  type DayClaim,
  type DayOwner,
  type SlotDay,
  slotsOfDay,
} from '../booking/slot-day.ts';
import { type OwnersRead, readSlotDay } from '../booking/slot-day-store.ts';
import type { Rights } from '../lib/actor.ts';
import { isUuid } from '../lib/ids.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf, encodeGlobalId, slotKeyOf } from './ids.ts';

/**
 * The day query, asked for again and again by everybody: where it selects nothing but what is listed here, it is
 * answered without the general execution, of one statement. Whatever else it selects, whatever is refused and
 * whatever goes wrong takes the usual way, which says how it is answered; `day-query.test.ts` sees that both ways
 * answer the same.
 */
export async function answerDay(args: ExecutionArgs): Promise<ExecutionResult | null> {
  const operation = getOperationAST(args.document, args.operationName);
  const plan = operation && planOf(operation);
  const field = args.schema.getQueryType()?.getFields().slots;
  const context = args.contextValue as Context;
  if (!plan || !field || !context.scopes?.has('BOOKINGS_READ')) return null;
  const asked = askedOf(args, { operation, field, node: plan.node });
  if (!asked) return null;
  const { viewer } = context;
  const owners = plan.showsOwners ? ownersFor(viewer) : null;
  const day = await readSlotDay(context.hotReads, venueIdOf(context), { ...asked, owners }).catch(() => null);
  return day && { data: { [keyOf(plan.node)]: plan.show(day, viewer) } };
}

/** The arguments of the field; null: they do not fit. */
function askedOf(
  { schema, variableValues }: ExecutionArgs,
  {
    operation,
    field,
    node,
  }: {
    readonly operation: OperationDefinitionNode;
    readonly field: GraphQLField<unknown, unknown>;
    readonly node: FieldNode;
  },
): { readonly resourceId: string; readonly day: string } | null {
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {});
  if (!coerced) return null;
  try {
    const { resourceId, date } = getArgumentValues(field, node, coerced);
    const decoded = decodeIdOf('Resource', String(resourceId));
    return isUuid(decoded) ? { resourceId: decoded, day: String(date) } : null;
  } catch {
    return null;
  }
}

/** What of those who booked is read: of people whom the viewer may not see, nothing. */
function ownersFor(viewer: Rights): OwnersRead | null {
  if (viewer.kind !== 'user') return null;
  return { all: canSeeUsers(viewer), userId: 'userId' in viewer ? String(viewer.userId) : null };
}

/** Makes of a thing what is shown of it, as JSON has it. */
type Show<T> = (thing: T, viewer: Rights) => unknown;

/** What can be selected of a thing: values, and things or lists of things with fields of their own. */
interface Shape<T> {
  readonly typename: string;
  readonly values: Readonly<Record<string, Show<T>>>;
  readonly things?: Readonly<Record<string, (selected: SelectionSetNode) => Show<T> | null>>;
}

const OWNER: Shape<DayOwner> = {
  typename: 'User',
  values: {
    id: ({ id }) => encodeGlobalId('User', id),
    username: ({ username }) => username,
    displayName: ({ displayName }) => displayName,
  },
};

const BOOKING: Shape<DayBooking> = {
  typename: 'Booking',
  values: {
    id: ({ id }) => encodeGlobalId('Booking', id),
    ownerId: ({ userId }) => encodeGlobalId('User', userId),
    status: ({ status }) => status,
    startsAt: ({ startsAt }) => startsAt.toISOString(),
    endsAt: ({ endsAt }) => endsAt.toISOString(),
    bookedAt: ({ bookedAt }) => bookedAt.toISOString(),
    version: ({ version }) => version,
  },
  things: {
    owner: (selected) =>
      each(OWNER, selected, ({ owner }: DayBooking, viewer) =>
        owner && viewer.kind === 'user' && canSeeUser(viewer, owner) ? owner : null,
      ),
  },
};

const SLOT: Shape<Slot<DayClaim>> = {
  typename: 'Slot',
  values: {
    id: ({ resource, startsAt }) => encodeGlobalId('Slot', slotKeyOf(resource.id, startsAt)),
    date: ({ day }) => day,
    index: ({ index }) => index,
    startsAt: ({ startsAt }) => startsAt.toISOString(),
    endsAt: ({ endsAt }) => endsAt.toISOString(),
    state: ({ state }) => state,
    free: ({ free }) => free,
  },
  things: {
    booking: (selected) =>
      each(
        BOOKING,
        selected,
        ({ claims }: Slot<DayClaim>, viewer) =>
          claims.find(({ booking }) => booking && canSeeBooking(viewer, booking))?.booking ?? null,
      ),
  },
};

const DAY: Shape<SlotDay> = {
  typename: 'SlotDay',
  values: {
    date: ({ day }) => day,
    total: (day) => slotsOfDay(day).length,
    timestamp: ({ readAt }) => readAt.toISOString(),
    cursor: ({ cursor }) => cursor,
    skipped: () => 0,
  },
  things: {
    slots: (selected) => {
      const show = shown(SLOT, selected);
      return show && ((day, viewer) => slotsOfDay(day).map((slot) => show(slot, viewer)));
    },
  },
};

/** What is selected of a thing that may not be there. */
function each<T, Inner>(
  shape: Shape<Inner>,
  selected: SelectionSetNode,
  find: (thing: T, viewer: Rights) => Inner | null,
): Show<T> | null {
  const show = shown(shape, selected);
  return (
    show &&
    ((thing, viewer) => {
      const inner = find(thing, viewer);
      return inner && show(inner, viewer);
    })
  );
}

/** What is selected of a thing; null: something that is not listed, or under a condition. */
function shown<T>(shape: Shape<T>, { selections }: SelectionSetNode): Show<T> | null {
  const fields: (readonly [string, Show<T>])[] = [];
  for (const node of selections) {
    if (!isPlain(node)) return null;
    const show = showOf(shape, node);
    // Fields of one name are merged by the usual way.
    if (!show || fields.some(([key]) => key === keyOf(node))) return null;
    fields.push([keyOf(node), show]);
  }
  return (thing, viewer) => {
    const made: Record<string, unknown> = {};
    for (const [key, show] of fields) made[key] = show(thing, viewer);
    return made;
  };
}

function showOf<T>({ typename, values, things }: Shape<T>, node: FieldNode): Show<T> | null {
  const name = node.name.value;
  if (name === '__typename') return () => typename;
  if (node.selectionSet) return own(things ?? {}, name)?.(node.selectionSet) ?? null;
  return own(values, name) ?? null;
}

const own = <V>(record: Readonly<Record<string, V>>, name: string): V | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

const isPlain = (node: { readonly kind: Kind } & object): node is FieldNode =>
  node.kind === Kind.FIELD && (node as FieldNode).directives?.length === 0;

const keyOf = ({ alias, name }: FieldNode): string => (alias ?? name).value;

interface Plan {
  readonly node: FieldNode;
  readonly show: Show<SlotDay>;
  readonly showsOwners: boolean;
}

/** Documents are kept between requests, and with them how they are answered. */
function planOf(operation: OperationDefinitionNode): Plan | null {
  const known = plans.get(operation);
  if (known !== undefined) return known;
  const made = makePlan(operation);
  plans.set(operation, made);
  return made;
}

const plans = new WeakMap<OperationDefinitionNode, Plan | null>();

function makePlan({ operation, directives, selectionSet }: OperationDefinitionNode): Plan | null {
  const [node, ...others] = selectionSet.selections;
  if (operation !== OperationTypeNode.QUERY || directives?.length || others.length > 0) return null;
  if (!node || !isPlain(node) || node.name.value !== 'slots' || !node.selectionSet) return null;
  const show = shown(DAY, node.selectionSet);
  return show && { node, show, showsOwners: selectsOwner(node) };
}

const selectsOwner = (node: FieldNode): boolean =>
  (node.selectionSet?.selections ?? []).some(
    (inner) => inner.kind === Kind.FIELD && (inner.name.value === 'owner' || selectsOwner(inner)),
  );
