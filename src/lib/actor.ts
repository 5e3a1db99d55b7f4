/**
 * Who is asking. Every unit of work has exactly one, and every policy decides by it.
 *
 * A domain never sees a token: `http/authenticate.ts` turns credentials into an actor.
 */
export type Role = 'ADMIN' | 'OPERATOR' | 'PLAYER' | 'DEVICE' | 'PARTNER' | 'AUDITOR';

export const ROLES = [
  'ADMIN',
  'OPERATOR',
  'PLAYER',
  'DEVICE',
  'PARTNER',
  'AUDITOR',
] as const satisfies readonly Role[];

export interface UserActor {
  readonly kind: 'user';
  readonly userId: string;
  readonly venueId: string;
  readonly sessionId: string;
  readonly roles: readonly Role[];
}

/** A part of floorwire acting by itself: the SAS ingest, a job, the demo seed. */
export interface SystemActor {
  readonly kind: 'system';
  readonly name: string;
}

/** Nobody signed in. */
export interface AnonymousActor {
  readonly kind: 'anonymous';
}

export type Actor = UserActor | SystemActor | AnonymousActor;

export const ANONYMOUS: AnonymousActor = Object.freeze({ kind: 'anonymous' });

export const system = (name: string): SystemActor => ({ kind: 'system', name });

/** The actor as the log keeps it: kind and id or name, never a name of a person. */
export function actorReference(actor: Actor): { kind: Actor['kind']; id: string | null } {
  if (actor.kind === 'user') return { kind: 'user', id: actor.userId };
  return { kind: actor.kind, id: actor.kind === 'system' ? actor.name : null };
}
