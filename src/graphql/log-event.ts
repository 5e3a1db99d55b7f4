import { type Cursor, encodeCursor, readWithCursor } from '../events/cursor.ts';
import type { EventType, LoggedEvent } from '../events/events.ts';
import {
  countEvents,
  type LogFilter,
  listEvents,
  placeIn,
  readStandingLog,
  type StandingLog,
} from '../events/log-page.ts';
import type { StreamedEvent } from '../events/source.ts';
import { PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import { ActorKindEnum } from './audit.ts';
import { builder } from './builder.ts';
import { signedInUser, venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { publicActorId, publicPayload } from './event-payload.ts';
import { FOLLOWABLE_EVENTS, factsFor, ownerOf, reachOf, sightOfEvent } from './followable-events.ts';
import { cursorOf } from './live-page.ts';
import { AFTER } from './machine-event.ts';
import { DEFAULT_PAGE_SIZE, type PageArguments, resolvePageBy } from './page.ts';
import { seenUser, UserType } from './user.ts';
import { ownVenue, VenueType } from './venue.ts';

/** An event with its place in the log, for one kind of reader. */
interface ShownEvent {
  readonly event: LoggedEvent;
  readonly cursor: string;
}

export const EventActorType = builder.objectRef<LoggedEvent['actor']>('EventActor').implement({
  description: 'Who caused an event.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ActorKindEnum, description: 'What kind of actor.' }),
    id: t.id({
      nullable: true,
      description:
        'The global id of the user, API key or device; the name of a part of floorwire. Null for nobody, and for callers without USERS_READ.',
      resolve: (actor, _args, { scopes }) =>
        actor.kind === 'system' || scopes.has('USERS_READ') ? publicActorId(actor) : null,
    }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'The person; null when it was none, and to who may not see people.',
      resolve: ({ kind, id }, _args, context) =>
        kind === 'user' && id !== null && context.scopes.has('USERS_READ') ? seenUser(context, id) : null,
    }),
  }),
});

const keysByType = [...FOLLOWABLE_EVENTS]
  .map(([type, { payload }]) => `* \`${type}\`: ${payload.map((key) => `\`${key}\``).join(', ')}`)
  .join('\n');

const LogEventType = builder.objectRef<ShownEvent>('LogEvent').implement({
  description: 'Something that happened at a venue, as the log keeps it: once, in one order for everybody.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description:
        'Its place, the same in a query and a stream, and of no other event: go on behind it with `after`. In a query the cursor of the page also knows what earlier queries showed.',
      resolve: ({ cursor }) => cursor,
    }),
    type: t.string({
      description:
        'What happened, such as `machine.event-raised`. Clients must survive types they do not know.',
      resolve: ({ event }) => event.type,
    }),
    at: t.field({
      type: 'DateTime',
      description:
        'When it was written. The order is that in which changes were made for good: two events near each other may have their times the other way round.',
      resolve: ({ event }) => event.at,
    }),
    venue: t.field({
      type: VenueType,
      description: 'Where it happened.',
      resolve: (_event, _args, context) => ownVenue(context),
    }),
    actor: t.field({
      type: EventActorType,
      description: 'Who caused it.',
      resolve: ({ event }) => event.actor,
    }),
    payload: t.field({
      type: 'JSON',
      description: `Its facts as they were then, people by id only. \`event\` holds what \`MachineEvent\` shows, \`command\` what was asked of a machine, \`transfer\` how a transfer with a machine stands. What ends in \`Id\` is a global id, and so are \`event.id\` and \`transfer.id\`; other ids are only to be compared. Times are RFC 3339 in UTC, 64-bit numbers are texts. Each type has keys of its own, and more may come:\n\n${keysByType}`,
      resolve: ({ event }, _args, { rights }) => publicPayload(factsFor(rights, event)),
    }),
  }),
});

const LogEventConnection = builder.connectionObject(
  {
    type: LogEventType,
    name: 'LogEventConnection',
    description: 'One page of the log, the oldest event first.',
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        description:
          'Go on behind this page with it, in the query or the subscription, also when the page is empty: nothing is missed and nothing comes again.',
        resolve: cursorOf,
      }),
    }),
  },
  { name: 'LogEventEdge' },
);

const MAX_TYPES = 100;

/** What a caller follows: each type, and whether all of the venue's or what is about himself. */
type Reaches = ReadonlyMap<EventType, 'ALL' | 'OWN'>;

/**
 * The types that are asked for, or all that the caller can follow.
 *
 * @throws ValidationError for what is no type
 * @throws PermissionDeniedError for a type the caller may not follow, and for who may follow none
 */
function parseTypes(wanted: readonly string[] | null | undefined, context: Context): Reaches {
  const venueId = venueIdOf(context);
  const all = [...FOLLOWABLE_EVENTS.keys()];
  const reaches = new Map(
    all.flatMap((type) => {
      const reach = reachOf(context.actor, venueId, type);
      return reach ? [[type, reach] as const] : [];
    }),
  );
  if (reaches.size === 0) throw new PermissionDeniedError('follow events');
  if (!wanted) return reaches;
  if (wanted.length > MAX_TYPES)
    throw new ValidationError(`types takes at most ${MAX_TYPES} entries.`, { field: 'types' });
  return new Map(
    wanted.map((name, at) => {
      const type = all.find((known) => known === name);
      if (!type)
        throw new ValidationError('types takes names of events, such as machine.event-raised.', {
          field: ['types', at],
        });
      const reach = reaches.get(type);
      if (!reach) throw new PermissionDeniedError(`follow ${type}`);
      return [type, reach];
    }),
  );
}

const typesDescription =
  'Only of these types, 1 to 100 of those that `LogEvent.payload` lists (API_001); otherwise of all that the caller may follow. A name that is none gives API_001, a type the caller may not follow AUTH_004.';
const WHO =
  'MACHINES_READ shows `machine.…`, AUDIT_READ `auth.…` and `export.…`, REALTIME_READ `realtime.…`, ALERTS_READ `alert.…`, an API key what its `eventTypes` list. WALLETS_READ shows `wallet.…`: to a player that of his own wallets, without the `reason` of a status. So does BOOKINGS_READ show `booking.…`, of which a key needs BOOKINGS_MANAGE. CHANNELS_READ shows `channel.…`: to ADMIN and AUDITOR all of the venue, to anybody else what was said to himself; its `data` is JSON as a text. PROFILE shows `notification.…` of one’s own, without what they say, and AUDIT_READ `notification.sent`. Who may follow nothing gets AUTH_004.';

builder.queryField('events', (t) =>
  t.field({
    type: LogEventConnection,
    nullable: true,
    authScopes: { signedIn: true },
    description: `What happened at the venue, the oldest first, as far back as it is kept (EVENT_RETENTION). ${WHO}`,
    complexity: ({ first, last }) => ({ field: 1, multiplier: first ?? last ?? DEFAULT_PAGE_SIZE }),
    args: {
      types: t.arg.stringList({ description: typesDescription }),
      first: t.arg.int({
        description:
          'How many from the beginning or after `after`, 1 to 100; 20 when neither `first` nor `last` is given.',
      }),
      after: t.arg({
        type: 'Cursor',
        description:
          'Only what comes behind this cursor: of an event, of a page, or of any query or frame. WS_003 when it is not of this log or too old.',
      }),
      last: t.arg.int({ description: 'How many from the end or before `before`, 1 to 100.' }),
      before: t.arg({
        type: 'Cursor',
        description: 'Only what comes before this cursor. WS_003 as for `after`.',
      }),
    },
    resolve: (_root, args, context) => {
      const reaches = parseTypes(args.types, context);
      return eventPage(context, { args, filter: filterOf(context, reaches) });
    },
  }),
);

function filterOf(context: Context, reaches: Reaches): LogFilter {
  const { actor } = context;
  const types = [...reaches.keys()];
  const ownTypes = types.filter((type) => reaches.get(type) === 'OWN');
  const own = actor.kind === 'user' && ownTypes.length > 0 ? { userId: actor.userId, types: ownTypes } : null;
  return { venueId: venueIdOf(context), types, own };
}

function eventPage(
  { db }: Context,
  {
    args,
    filter,
  }: {
    readonly args: PageArguments;
    readonly filter: LogFilter;
  },
) {
  return readStandingLog(db, async (standing) => {
    // What a query showed stays shown on every page behind it.
    const shown = args.after == null ? null : placeIn(standing, args.after).snapshot;
    const placeOf = (position: bigint): Cursor => ({ log: standing.log, position, snapshot: shown });
    const page = await resolvePageBy(placesOf(standing), args, {
      keyOf: ({ event }: ShownEvent) => placeOf(event.position),
      load: async ({ after, before, ...range }) => {
        const ends = { after: after?.position ?? null, before: before?.position ?? null };
        const events = await listEvents(standing.db, filter, { ...range, ...ends, shown });
        return events.map((event) => ({
          event,
          cursor: encodeCursor({ ...placeOf(event.position), snapshot: null }),
        }));
      },
      count: () => countEvents(db, filter),
    });
    const { hasNextPage, endCursor } = page.pageInfo;
    return { ...page, cursor: (hasNextPage && endCursor) || encodeCursor(placeOf(standing.head)) };
  });
}

/** Cursors of edges are those of the log. */
const placesOf = (standing: StandingLog) => ({
  encode: (place: Cursor) => encodeCursor(place),
  decode: (text: string) => placeIn(standing, text),
});

builder.subscriptionField('events', (t) =>
  t.field({
    type: LogEventType,
    authScopes: { signedIn: true },
    description: `Each event of the venue, once and in order, from \`after\` or from now on. A reader that is too slow is told so (WS_004) and resumes behind its last cursor. ${WHO}`,
    args: {
      types: t.arg.stringList({ description: typesDescription }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: (_root, { types, after }, context) => {
      const reaches = parseTypes(types, context);
      const topic = { venueId: venueIdOf(context), after, sightOf: sightOfEvent };
      const isOwnOnly = [...reaches.values()].every((reach) => reach === 'OWN');
      if (isOwnOnly) {
        const { userId: ownerId } = signedInUser(context.actor);
        const subjects = { of: ownerOf, among: [ownerId] };
        // By one credential he may see less of his own than by another.
        const own = [...reaches.keys()];
        return context.streams.events({ ...topic, types: own, subjects, ownerId, sharedBy: own.join() });
      }
      // What of all types is for whom is asked for each event: readers of different rights are one group.
      return context.streams.events({
        ...topic,
        types: types ? [...reaches.keys()] : [...FOLLOWABLE_EVENTS.keys()],
      });
    },
    resolve: (event: StreamedEvent) => ({ event, cursor: event.cursor }),
  }),
);

builder.queryField('cursor', (t) =>
  t.field({
    type: 'Cursor',
    nullable: true,
    authScopes: { signedIn: true },
    description:
      'Where the log stands now: a subscription `after` it is shown what happens from now on, and nothing that any query could show before.',
    resolve: async (_root, _args, { db }) => (await readWithCursor(db, async () => null)).cursor,
  }),
);
