import { createHash } from 'node:crypto';
import { scopesOfActor } from '../auth/scopes.ts';
import { type Actor, type Rights, rightsOf, type Scope } from '../lib/actor.ts';

/**
 * With whose eyes an event of a stream is executed. Everybody of equal rights shares a view and so
 * one execution; what concerns one person is seen by a view of his own.
 */
export interface View {
  /** Equal views have equal keys. */
  readonly key: string;
  readonly rights: Rights;
  readonly scopes: ReadonlySet<Scope>;
  /** Null where several share it. */
  readonly actor: Actor | null;
}

/** What everybody of this actor's rights is shown. */
export function sharedView(actor: Actor): View {
  const known = shared.get(actor);
  if (known) return known;
  const rights = rightsOf(actor);
  const key = digest(rights);
  const view = byKey.get(key) ?? { key, rights, scopes: scopesOfActor(rights), actor: null };
  if (byKey.size >= MAX_KNOWN) byKey.clear();
  byKey.set(key, view);
  shared.set(actor, view);
  return view;
}

/** What this actor alone is shown. */
export function ownView(actor: Actor): View {
  const known = own.get(actor);
  if (known) return known;
  const view = { key: `own ${digest(actor)}`, rights: rightsOf(actor), scopes: scopesOfActor(actor), actor };
  own.set(actor, view);
  return view;
}

/** Rights are few, and their holders many: equal ones are kept once, while there are no more than this. */
const MAX_KNOWN = 10_000;
const byKey = new Map<string, View>();
const shared = new WeakMap<Actor, View>();
const own = new WeakMap<Actor, View>();

/** Every event looks views up by it, so it is short. */
const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value, sorted)).digest('base64');

/** Roles and scopes are sets: their order says nothing. */
const sorted = (_key: string, value: unknown): unknown => (Array.isArray(value) ? [...value].sort() : value);
