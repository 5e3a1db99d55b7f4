import { canReadAudit } from '../auth/policy.ts';
import { scopesOfActor } from '../auth/scopes.ts';
import { canSeeBookings } from '../booking/policy.ts';
import type { LoggedEvent } from '../events/events.ts';
import type { Sight } from '../events/source.ts';
import { type Actor, actorReference, mayAt, type Rights, type Scope } from '../lib/actor.ts';
import { canSeeMachines } from '../machine/policy.ts';
import { canSeeParking } from '../parking/policy.ts';
import { canSeeWallets } from '../wallet/policy.ts';
import { BULK_EXPORT_KINDS, type BulkExport, type BulkExportKind } from './bulk-export.ts';
import type { ExportEventType } from './events.ts';

/** Whose list it is: who sees all of that list may have it in a file. */
interface List {
  /** Of the query. */
  readonly scope: Scope;
  /** What shows all of it to an API key. */
  readonly keyScopes: readonly Scope[];
  readonly canSee: (rights: Rights, venueId: string) => boolean;
}

const BOOKINGS: List = {
  scope: 'BOOKINGS_READ',
  keyScopes: ['BOOKINGS_READ', 'BOOKINGS_MANAGE'],
  canSee: canSeeBookings,
};
const MACHINES: List = { scope: 'MACHINES_READ', keyScopes: ['MACHINES_READ'], canSee: canSeeMachines };

const LISTS: Readonly<Record<BulkExportKind, List>> = {
  SLOTS: BOOKINGS,
  BOOKINGS,
  LEDGER_ENTRIES: { scope: 'WALLETS_READ', keyScopes: ['WALLETS_READ'], canSee: canSeeWallets },
  MACHINE_EVENTS: MACHINES,
  METER_READINGS: MACHINES,
  PARKING_SESSIONS: {
    scope: 'PARKING_READ',
    keyScopes: ['PARKING_READ', 'PARKING_MANAGE'],
    canSee: canSeeParking,
  },
  AUDIT_ENTRIES: { scope: 'AUDIT_READ', keyScopes: ['AUDIT_READ'], canSee: canReadAudit },
};

/** Of the lists there are: who has none of them exports nothing. */
export const EXPORT_SCOPES: readonly Scope[] = [...new Set(Object.values(LISTS).map(({ scope }) => scope))];

/** Who may have these in a file, fetch it, and know that there is one: whoever may go through all of the list. */
export function canExport(rights: Rights, venueId: string, kind: BulkExportKind): boolean {
  const { scope, canSee } = LISTS[kind];
  return (rights.kind === 'system' || scopesOfActor(rights).has(scope)) && canSee(rights, venueId);
}

/** What of it he may. */
export const exportableKinds = (rights: Rights, venueId: string): readonly BulkExportKind[] =>
  BULK_EXPORT_KINDS.filter((kind) => canExport(rights, venueId, kind));

/** Who may give one up: whoever asked for it, and ADMIN. */
export function canCancelExport(actor: Actor, { venueId, requestedBy }: BulkExport): boolean {
  const { kind, id } = actorReference(actor);
  const isHis = 'venueId' in actor && actor.venueId === venueId && requestedBy.id === id;
  return (
    (isHis && requestedBy.kind === kind) || mayAt(actor, venueId, { roles: ['ADMIN'], scope: 'VENUES_WRITE' })
  );
}

/**
 * With whose eyes rows are written: those of one who may see all of the list and nothing else, so that everybody who
 * may fetch a file may see what is in it.
 */
export const readerOf = (kind: BulkExportKind): readonly Scope[] => LISTS[kind].keyScopes;

/** Whoever may export such rows is shown the same of it. */
export const sightOfExport = (
  actor: Rights,
  { venueId, payload }: Pick<LoggedEvent<ExportEventType>, 'venueId' | 'payload'>,
): Sight => (canExport(actor, venueId, payload.kind) ? 'SHARED' : null);
