import type { Actor, Role } from '../lib/actor.ts';

/** The user a decision is about, as far as it matters. */
interface Subject {
  readonly id: string;
}

/** Whether the actor may know that this user of its own venue exists, and what he is called. */
export function canSeeUser(actor: Actor, subject: Subject): boolean {
  return isSelf(actor, subject) || hasRole(actor, ['ADMIN', 'OPERATOR', 'AUDITOR']);
}

/** Whether the actor may read how this user of its own venue is reached. */
export function canSeeEmail(actor: Actor, subject: Subject): boolean {
  return isSelf(actor, subject) || hasRole(actor, ['ADMIN', 'OPERATOR']);
}

const isSelf = (actor: Actor, subject: Subject) => actor.kind === 'user' && actor.userId === subject.id;

const hasRole = (actor: Actor, wanted: readonly Role[]) =>
  actor.kind === 'system' || (actor.kind === 'user' && actor.roles.some((role) => wanted.includes(role)));
