import type { AuditAnchor, AuditEntry, AuditFault, AuditVerification } from '../events/audit.ts';
import { countAuditEntries, findAuditEntriesByIds, listAuditEntries } from '../events/audit-store.ts';
import { verifyAudit } from '../events/audit-verification.ts';
import type { Actor } from '../lib/actor.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { publicActorId, publicPayload } from './event-payload.ts';
import { foundOrNull } from './found.ts';
import { decodeGlobalId } from './ids.ts';
import { NUMBER_KEYS, resolvePageBy } from './page.ts';
import { UserType } from './user.ts';

export const ActorKindEnum = builder.enumType('ActorKind', {
  description: 'What kind of actor did something.',
  values: {
    USER: { value: 'user', description: 'A person.' },
    PARTNER: { value: 'partner', description: 'A partner system, by its API key.' },
    DEVICE: { value: 'device', description: 'A screen, board, gate or sensor.' },
    SYSTEM: { value: 'system', description: 'Floorwire itself: a job, a command of the operator’s.' },
    ANONYMOUS: { value: 'anonymous', description: 'Nobody was signed in.' },
  } satisfies Record<string, { value: Actor['kind']; description: string }>,
});

const AuditActorType = builder.objectRef<AuditEntry['actor']>('AuditActor').implement({
  description: 'Who did it.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ActorKindEnum, description: 'What kind of actor.' }),
    id: t.id({
      nullable: true,
      description:
        'The global id of the user, API key or device; the name of a part of floorwire; null for nobody.',
      resolve: publicActorId,
    }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'The person; null when it was none, or he is not to be seen from this venue.',
      resolve: async ({ kind, id }, _args, context) => {
        if (kind !== 'user' || id === null) return null;
        const user = await foundOrNull(UserType.getDataloader(context), id);
        return user && id;
      },
    }),
  }),
});

const AuditEntryNode = builder.loadableNodeRef<AuditEntry, never, string, string>('AuditEntry', {
  id: { resolve: ({ id }: AuditEntry) => id },
  load: loadEntries,
});

AuditEntryNode.implement({
  description:
    'One thing on the audit record: what a person, a partner or a device did, every change of a balance, and everything about who may do what.',
  fields: (t) => ({
    sequence: t.expose('sequence', {
      type: 'BigInt',
      description: 'Its number at the venue: dense, from 1.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    type: t.exposeString('type', {
      description:
        'What happened, such as `auth.session-opened`. Clients must survive types they do not know.',
    }),
    actor: t.expose('actor', { type: AuditActorType, description: 'Who did it.' }),
    address: t.string({
      nullable: true,
      description: 'The network address the request came from; null when no request asked for it.',
      resolve: ({ origin }) => origin?.address ?? null,
    }),
    requestId: t.id({
      nullable: true,
      description: 'The number under which the server’s log knows the request; null when there was none.',
      resolve: ({ origin }) => origin?.requestId ?? null,
    }),
    data: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'The facts of the event, people by id only; null when they were erased. What ends in `Id` is a global id where the thing has one.',
      resolve: ({ payload }) => payload && publicPayload(payload),
    }),
    hash: t.string({
      description:
        'SHA-256 over this entry and the hash before it, in hexadecimal. Kept outside, it is an anchor for `verifyAudit`.',
      resolve: ({ hash }) => hash.toString('hex'),
    }),
  }),
});

builder.queryField('auditLog', (t) =>
  t.connection(
    {
      type: AuditEntryNode,
      nullable: true,
      authScopes: { scope: 'AUDIT_READ' },
      description: 'The audit record of the venue, the newest first. Needs AUDIT_READ (AUTH_004).',
      args: {
        types: t.arg.stringList({ description: 'Only of these types, 1 to 100 (API_001).' }),
        actorId: t.arg.id({ description: 'Only what this user, API key or device did.' }),
        from: t.arg({ type: 'DateTime', description: 'Only since then.' }),
        to: t.arg({ type: 'DateTime', description: 'Only before then.' }),
      },
      resolve: async (_root, args, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const filter = {
          types: parseTypes(args.types),
          actorId: args.actorId == null ? null : decodeGlobalId(args.actorId).id,
          from: args.from ?? null,
          to: args.to ?? null,
        };
        return await resolvePageBy(NUMBER_KEYS, args, {
          keyOf: ({ sequence }: AuditEntry) => sequence,
          load: (range) => listAuditEntries(db, venueId, { filter, range }),
          count: () => countAuditEntries(db, venueId, filter),
        });
      },
    },
    {
      name: 'AuditLogConnection',
      description: 'One page of the audit record, the newest first.',
    },
    { name: 'AuditLogEdge' },
  ),
);

const MAX_TYPES = 100;

function parseTypes(types: readonly string[] | null | undefined): readonly string[] | null {
  if (types && types.length > MAX_TYPES)
    throw new ValidationError(`types takes at most ${MAX_TYPES} entries.`, { field: 'types' });
  return types ?? null;
}

const AuditFaultEnum = builder.enumType('AuditFault', {
  description: 'What is wrong with an audit record.',
  values: {
    MISSING: { description: 'This entry is not there, though a later one is.' },
    CONTENT: { description: 'What the entry says is not what was put on record.' },
    CHAIN: { description: 'The type, time or place of the entry was changed, or it was exchanged.' },
    LOG: { description: 'The event log holds something that is not on record, or is there otherwise.' },
    ANCHOR: { description: 'The entry of the anchor is gone, or is another one.' },
  } satisfies Record<AuditFault, { description: string }>,
});

const AuditVerificationType = builder.objectRef<AuditVerification>('AuditVerification').implement({
  description: 'What computing the chain of an audit record anew came to.',
  fields: (t) => ({
    valid: t.boolean({ description: 'Whether nothing is wrong.', resolve: ({ broken }) => broken === null }),
    entries: t.exposeInt('entries', { description: 'How many entries were looked at.' }),
    fault: t.field({
      type: AuditFaultEnum,
      nullable: true,
      description: 'The first thing that is wrong; null when nothing is.',
      resolve: ({ broken }) => broken?.fault ?? null,
    }),
    brokenSequence: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'The entry it is wrong with; null when nothing is, or there is no entry.',
      resolve: ({ broken }) => broken?.sequence ?? null,
    }),
    headSequence: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'The number of the newest entry; null when there is none.',
      resolve: ({ head }) => head?.sequence ?? null,
    }),
    headHash: t.string({
      nullable: true,
      description: 'Its hash, in hexadecimal: keep both elsewhere, as the anchor of a later verification.',
      resolve: ({ head }) => head?.hash.toString('hex') ?? null,
    }),
  }),
});

const AuditAnchorInput = builder.inputType('AuditAnchorInput', {
  description: 'An entry kept outside: what comes behind it is verified, and that it is still there.',
  fields: (t) => ({
    sequence: t.field({ type: 'BigInt', required: true, description: 'Its number.' }),
    hash: t.string({ required: true, description: 'Its hash: 64 hexadecimal digits.' }),
  }),
});

builder.queryField('verifyAudit', (t) =>
  t.field({
    type: AuditVerificationType,
    nullable: true,
    authScopes: { scope: 'AUDIT_READ' },
    description:
      'Computes the chain of the venue’s audit record anew and compares it with the event log. Without an anchor it cannot tell a record that was rewritten from its beginning together with the log. Needs AUDIT_READ (AUTH_004).',
    complexity: 500,
    args: { anchor: t.arg({ type: AuditAnchorInput, description: 'Behind which entry to begin.' }) },
    resolve: (_root, { anchor }, context) =>
      verifyAudit(context.db, venueIdOf(context), anchor ? parseAnchor(anchor) : null),
  }),
);

function parseAnchor({ sequence, hash }: { readonly sequence: bigint; readonly hash: string }): AuditAnchor {
  if (sequence < 1n || !/^[0-9a-f]{64}$/i.test(hash)) {
    throw new ValidationError('An anchor is a number from 1 and a hash of 64 hexadecimal digits.', {
      field: ['anchor', sequence < 1n ? 'sequence' : 'hash'],
    });
  }
  return { sequence, hash: Buffer.from(hash, 'hex') };
}

async function loadEntries(
  ids: readonly string[],
  context: Context,
): Promise<(AuditEntry | NotFoundError)[]> {
  const found = context.scopes.has('AUDIT_READ')
    ? await findAuditEntriesByIds(context.db, venueIdOf(context), ids)
    : [];
  const byId = new Map(found.map((entry) => [entry.id, entry]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('audit entry'));
}
