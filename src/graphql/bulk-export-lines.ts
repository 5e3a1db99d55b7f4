import {
  type DocumentNode,
  execute,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import type { BulkExportKind } from '../export/bulk-export.ts';
import { readerOf } from '../export/policy.ts';
import type { ToLines } from '../export/writing.ts';
import type { PartnerActor } from '../lib/actor.ts';
import { newId } from '../lib/ids.ts';
import { createContext, type Services } from './context.ts';
import { encodeGlobalId } from './ids.ts';

/** What of which type a line has; it is written as a query would write it. */
const LINES: Readonly<Record<BulkExportKind, { readonly type: string; readonly selection: string }>> = {
  SLOTS: {
    type: 'Slot',
    selection: `id resource { id name } date index startsAt endsAt state free price { amount currency }
      bookings { id ownerId status } blockReason blockId`,
  },
  BOOKINGS: {
    type: 'Booking',
    selection: `id resource { id name } ownerId startsAt endsAt status paid { amount currency }
      refunded { amount currency } bookedAt cancelledAt cancelReason checkedInAt changedAt version`,
  },
  LEDGER_ENTRIES: {
    type: 'LedgerEntry',
    selection: `transaction { id kind reason reference postedAt reverses { id } } wallet { id ownerId } houseAccount
      amount { amount currency } balanceAfter { amount currency } version effectiveAt`,
  },
  MACHINE_EVENTS: {
    type: 'MachineEvent',
    selection: 'id machine { id name } type exceptionCode label data occurredAt',
  },
  METER_READINGS: { type: 'MeterHistoryPoint', selection: 'code at value delta resets' },
  PARKING_SESSIONS: {
    type: 'ParkingSession',
    selection: `id lot { id name } space { id } ownerId plate reservationId startedAt until overdueAt endedAt
      charge { amount currency } paid { amount currency } due { amount currency }
      settlement { amount { amount currency } how at note } changedAt version`,
  },
  AUDIT_ENTRIES: {
    type: 'AuditEntry',
    selection: 'id sequence at type actor { kind id } address requestId data hash',
  },
};

/** What the type of a row does not say of itself: there a query asks for it around the row. */
const AROUND: { readonly [Kind in BulkExportKind]?: (row: object) => object } = {
  METER_READINGS: (row) => ({
    machine: { id: encodeGlobalId('Machine', (row as { readonly machineId: string }).machineId) },
  }),
};

/**
 * Writes rows as the types of the schema show them to one who may see all of that list and nothing else. What belongs to
 * them is read in their transaction.
 */
export function createLines(schema: GraphQLSchema, services: Services): ToLines {
  // Only for those who export anything: it is a fifth of a second of a start.
  let prepared: Prepared | null = null;
  return async (kind, rows, { tx, venueId }) => {
    prepared ??= prepare(schema);
    const contextValue = createContext(Object.assign(Object.create(services) as Services, { db: tx }), {
      actor: readerAt(venueId, kind),
      requestId: newId(),
      client: { address: null, userAgent: undefined },
    });
    const { data, errors } = await execute({
      schema: prepared.lists,
      document: prepared.documents[kind],
      rootValue: rows,
      contextValue,
    });
    if (errors?.[0]) throw errors[0];
    const written = data?.rows as readonly object[];
    const around = AROUND[kind];
    return written.map((line, at) => JSON.stringify({ ...around?.(rows[at] ?? {}), ...line }));
  };
}

interface Prepared {
  readonly lists: GraphQLSchema;
  readonly documents: Readonly<Record<BulkExportKind, DocumentNode>>;
}

function prepare(schema: GraphQLSchema): Prepared {
  const lists = rowsSchema(schema);
  const documents = Object.entries(LINES).map(([kind, { selection }]) => {
    const document = parse(`{ rows: ${kind} { ${selection} } }`);
    const [fault] = validate(lists, document);
    if (fault) throw fault;
    return [kind, document];
  });
  return { lists, documents: Object.fromEntries(documents) };
}

/** A list of each kind, which are the rows that are handed over. */
const rowsSchema = (schema: GraphQLSchema): GraphQLSchema =>
  new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Rows',
      fields: Object.fromEntries(
        Object.entries(LINES).map(([kind, { type: name }]) => {
          const type = schema.getType(name);
          if (!isObjectType(type)) throw new Error(`${name} is no type with fields`);
          return [
            kind,
            {
              type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type))),
              resolve: (rows: readonly object[]) => rows,
            },
          ];
        }),
      ),
    }),
  });

/** Nobody's key. */
const readerAt = (venueId: string, kind: BulkExportKind): PartnerActor => ({
  kind: 'partner',
  apiKeyId: venueId,
  venueId,
  scopes: readerOf(kind),
  eventTypes: [],
});
