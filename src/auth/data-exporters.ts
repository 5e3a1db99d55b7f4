import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { AuditEntry } from '../events/audit.ts';
import { listAuditEntries, listEntriesOfOthersAbout } from '../events/audit-store.ts';
import type { Scope } from '../lib/actor.ts';
import { type DataExporter, MAX_EXPORTED } from './data-export.ts';
import { listIdentities } from './linked-identity-store.ts';
import { findSecondFactor } from './second-factor-store.ts';
import { listAllVenues } from './venue-store.ts';

/** What identity keeps about a person. */
export const AUTH_EXPORTERS: readonly DataExporter[] = [
  { section: 'account', read: readAccount },
  { section: 'roles', read: readRoles },
  { section: 'sessions', read: readSessions },
  { section: 'secondFactor', read: findSecondFactor },
  { section: 'linkedIdentities', read: readIdentities },
  { section: 'auditRecord', read: readAuditRecord },
  { section: 'auditRecordOfOthers', read: readAuditRecordOfOthers },
];

async function readAccount(db: Kysely<Database>, userId: string) {
  return await db
    .selectFrom('app_user')
    .innerJoin('venue', 'venue.id', 'app_user.venue_id')
    .select(['app_user.id', 'email', 'username', 'display_name as displayName', 'status'])
    .select(['venue.slug as homeVenue', 'app_user.created_at as createdAt'])
    .select(['email_verified_at as emailVerifiedAt', 'password_changed_at as passwordChangedAt'])
    .where('app_user.id', '=', userId)
    .executeTakeFirstOrThrow();
}

async function readRoles(db: Kysely<Database>, userId: string) {
  return await db
    .selectFrom('user_role')
    .innerJoin('venue', 'venue.id', 'user_role.venue_id')
    .select(['venue.slug as venue', 'user_role.role'])
    .select(
      sql<Scope[]>`array(select scope from user_grant
        where user_grant.user_id = user_role.user_id and user_grant.venue_id = user_role.venue_id
          and user_grant.role = user_role.role
        order by scope collate "C")`.as('grants'),
    )
    .where('user_id', '=', userId)
    .orderBy('venue.slug')
    .orderBy('user_role.role')
    .execute();
}

/** Who he is elsewhere, with all that is kept of it. */
async function readIdentities(db: Kysely<Database>, userId: string) {
  const identities = await listIdentities(db, userId);
  return identities.map(({ userId: _, ...identity }) => identity);
}

/** Those that are over too. */
async function readSessions(db: Kysely<Database>, userId: string) {
  return await db
    .selectFrom('auth_session as session')
    .innerJoin('venue', 'venue.id', 'session.venue_id')
    .select(['session.id', 'venue.slug as venue', 'session.created_at as createdAt'])
    .select(['expires_at as expiresAt', 'revoked_at as revokedAt', 'address', 'user_agent as userAgent'])
    .where('session.user_id', '=', userId)
    .orderBy('session.created_at', 'desc')
    .limit(MAX_EXPORTED)
    .execute();
}

/** What he did, at whichever venue. */
async function readAuditRecord(db: Kysely<Database>, userId: string) {
  const entries: object[] = [];
  for (const { id, slug: venue } of await listAllVenues(db)) {
    const filter = { types: null, actorId: userId, from: null, to: null };
    const range = { after: null, before: null, limit: MAX_EXPORTED, backward: false };
    for (const { at, type, origin, payload } of await listAuditEntries(db, id, { filter, range }))
      entries.push({ at, venue, type, address: origin?.address ?? null, data: payload });
  }
  return entries;
}

/**
 * What others did about him, and who had not signed in yet, at whichever venue. Who each was and where he came from is
 * theirs, and so are the words they wrote down about him.
 */
async function readAuditRecordOfOthers(db: Kysely<Database>, userId: string) {
  const venues = new Map((await listAllVenues(db)).map(({ id, slug }) => [id, slug]));
  const entries = await listEntriesOfOthersAbout(db, userId, MAX_EXPORTED);
  return entries.map(({ at, venueId, type, actor, payload }) => ({
    at,
    venue: venues.get(venueId) ?? null,
    type,
    by: actor.kind,
    data: withoutWords(type, payload),
  }));
}

/** What is in the words of whoever did it, and no code. */
const WORDS: Readonly<Record<string, string>> = {
  'auth.user-locked': 'reason',
  'wallet.status-changed': 'reason',
  'realtime.client-disconnected': 'reason',
  'parking.session-settled': 'settledNote',
};

function withoutWords(type: string, payload: AuditEntry['payload']): AuditEntry['payload'] {
  const words = WORDS[type];
  if (payload === null || words === undefined) return payload;
  return Object.fromEntries(Object.entries(payload).filter(([key]) => key !== words));
}
