import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import DataloaderPlugin from '@pothos/plugin-dataloader';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin, { RequestCache } from '@pothos/plugin-scope-auth';
import { type GraphQLSchema, isObjectType } from 'graphql';
import type { Scope } from '../lib/actor.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { ANSWERED_ERRORS } from './answered-errors.ts';
import type { Context } from './context.ts';
import { CREDENTIAL_FIELDS } from './credential-fields.ts';
import { DOCUMENTED_ERRORS } from './documented-errors.ts';
import { unauthorized } from './errors.ts';
import './global-id-fields.ts';
import { decodeGlobalId, encodeGlobalId } from './ids.ts';
import { INPUT_ISSUES } from './input-issues.ts';
import { LAZY_LOADERS } from './lazy-loaders.ts';
import { LIST_FILTERS } from './list-filters.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from './page.ts';
import { oncePerContext } from './per-context.ts';
import { ROOT_FIELDS } from './root-fields.ts';

/** What the builder is told about the schema; refs and field builders carry it. */
export interface SchemaConfig {
  Context: Context;
  /** Non-null unless a field says otherwise; a root field that can be refused must say so. */
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  /** All scopes a field names must hold, not any of them. */
  DefaultAuthStrategy: 'all';
  AuthScopes: {
    /** Anybody, signed in or not. */
    anonymous: true;
    /** Whoever showed a credential: a person, a partner, a device. */
    signedIn: true;
    /** A person, also one who must choose another password before anything else. */
    user: true;
    /** Who has a session: a person, as for `user`, or a device. */
    session: true;
    /** Whoever showed a credential with this scope. */
    scope: Scope;
    /** Whoever showed a credential with one of these scopes. */
    anyScope: readonly Scope[];
  };
  /** What the resolver of a connection gives besides Relay's own. */
  Connection: { readonly totalCount: () => Promise<number> };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date | string };
    TimeZone: { Input: string; Output: string };
    EmailAddress: { Input: string; Output: string };
    CurrencyCode: { Input: string; Output: string };
    URL: { Input: URL; Output: URL | string };
    JSON: { Input: unknown; Output: unknown };
    Decimal: { Input: string; Output: string };
    BigInt: { Input: bigint; Output: bigint };
    Cursor: { Input: string; Output: string };
    /** `YYYY-MM-DD`. */
    LocalDate: { Input: string; Output: string };
    /** Minutes since midnight. */
    LocalTime: { Input: number; Output: number };
    /** Seconds. */
    Duration: { Input: number; Output: number };
  };
}

const capitalized = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** Whether a type can be loaded by its id; any other id is one of nothing. */
function isNodeType(schema: GraphQLSchema, typename: string): boolean {
  const type = schema.getType(typename);
  return isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node');
}

/** A node, or null when its loader says that there is none. */
async function orNull(node: unknown): Promise<unknown> {
  try {
    const loaded = await node;
    if (loaded instanceof Error) throw loaded;
    return loaded;
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

/** What one entry of a page costs is paid once per entry, not ten times for each list on the way. */
const ONCE = { field: 1, multiplier: 1 };

/**
 * The schema under construction. Types are defined in `graphql/<domain>.ts` with the fields
 * that return them; nothing is defined here.
 */
export const builder = new SchemaBuilder<SchemaConfig>({
  plugins: [
    ErrorsPlugin,
    RelayPlugin,
    DataloaderPlugin,
    ScopeAuthPlugin,
    ComplexityPlugin,
    INPUT_ISSUES,
    ANSWERED_ERRORS,
    DOCUMENTED_ERRORS,
    CREDENTIAL_FIELDS,
    ROOT_FIELDS,
    LAZY_LOADERS,
    LIST_FILTERS,
  ],
  defaultFieldNullability: false,
  errors: {
    // Root fields are authorized before their arguments are looked at (root-fields.ts).
    unsafelyHandleInputErrors: true,
    defaultResultOptions: {
      name: ({ fieldName }) => `${capitalized(fieldName)}Success`,
      description: 'It was done.',
    },
    defaultUnionOptions: {
      name: ({ fieldName }) => `${capitalized(fieldName)}Result`,
      description: 'Either it was done, or one of the errors says why not.',
    },
  },
  relay: {
    encodeGlobalID: (typename, id) => encodeGlobalId(typename, String(id)),
    decodeGlobalID: decodeGlobalId,
    idFieldOptions: { description: 'Opaque global id, to be given back as it is.' },
    nodeTypeOptions: { description: 'Whatever has a global id.' },
    nodeQueryOptions: {
      description: 'The thing with this id; null when there is none or the caller may not see it.',
      authScopes: { signedIn: true },
      nullable: true,
      args: { id: { description: 'A global id.' } },
      resolve: (_root, { id }, _context, info, resolveNode) =>
        isNodeType(info.schema, id.typename) ? orNull(resolveNode(id)) : null,
    },
    nodesQueryOptions: {
      description:
        'The things with these ids, in their order; null where there is none or the caller may not see it.',
      authScopes: { signedIn: true },
      nullable: { list: true, items: true },
      args: { ids: { description: 'Global ids, at most 100.' } },
      complexity: ({ ids }) => ({ field: 1, multiplier: ids.length }),
      resolve: async (_root, args, _context, info, resolveNodes) => {
        const { ids } = args;
        if (ids.length > MAX_PAGE_SIZE)
          throw new ValidationError(`nodes takes at most ${MAX_PAGE_SIZE} ids.`, { field: 'ids' });
        const known = ids.filter((id) => isNodeType(info.schema, id.typename));
        // The plugin resolves what stands in the arguments, whatever it is handed.
        Object.assign(args, { ids: known });
        const found = new Map((await resolveNodes(known)).map((node, at) => [known[at], orNull(node)]));
        return ids.map((id) => found.get(id) ?? null);
      },
    },
    pageInfoTypeOptions: { description: 'Where a page of a connection lies.' },
    hasNextPageFieldOptions: { description: 'Whether more follows this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether something lies before this page.' },
    startCursorFieldOptions: { description: 'Cursor of the first entry, for `before`.' },
    endCursorFieldOptions: { description: 'Cursor of the last entry, for `after`.' },
    pageInfoFieldOptions: { description: 'Where this page lies.' },
    edgesFieldOptions: {
      description: 'The entries with their cursors.',
      nullable: { list: false, items: false },
      complexity: ONCE,
    },
    nodeFieldOptions: { description: 'The entry itself.', nullable: false },
    cursorFieldOptions: { description: 'The place of this entry, for `after` and `before`.' },
    nodesOnConnection: { description: 'The entries without their cursors.', complexity: ONCE },
    firstArgOptions: {
      description:
        'How many from the beginning or after `after`, 1 to 100; 20 when neither `first` nor `last` is given.',
    },
    lastArgOptions: { description: 'How many from the end or before `before`, 1 to 100.' },
    afterArgOptions: { description: 'Only what comes after the entry with this cursor.' },
    beforeArgOptions: { description: 'Only what comes before the entry with this cursor.' },
    defaultConnectionFieldOptions: {
      complexity: ({ first, last }) => ({ field: 1, multiplier: first ?? last ?? DEFAULT_PAGE_SIZE }),
    },
    defaultConnectionTypeOptions: { description: 'One page of a list that grows.' },
    defaultEdgeTypeOptions: { description: 'One entry of a page and its place.' },
  },
  scopeAuth: {
    authorizeOnSubscribe: true,
    defaultStrategy: 'all',
    authScopes: ({ rights, scopes }) => ({
      anonymous: true,
      signedIn: 'venueId' in rights && !(rights.kind === 'user' && rights.mustChangePassword),
      user: rights.kind === 'user',
      session: rights.kind === 'user' || rights.kind === 'device',
      scope: (scope) => scopes.has(scope),
      anyScope: (some) => some.some((scope) => scopes.has(scope)),
    }),
    unauthorizedError: (_parent, context, _info, forbidden) => unauthorized(context, forbidden),
  },
  // Judged once per operation, before anything runs: http/limits.ts.
  complexity: { disabled: true },
});

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    description: 'How many there are on all pages together. Counted only when asked for.',
    complexity: 10,
    resolve: (connection) => connection.totalCount(),
  }),
);

/** What authorization remembers in an operation. The plugin keeps it beside the contexts (per-context.ts says what of). */
const authorizationOf = oncePerContext((context) => new RequestCache(builder as never, context));
RequestCache.fromContext = authorizationOf as unknown as typeof RequestCache.fromContext;
