import { eraseAuditedWords } from '../events/audit-store.ts';
import type { Reactor } from '../events/reaction.ts';
import type { Work } from '../work.ts';

/**
 * Erases what an account that is gone had said, once more: what it said in its last moments comes on the audit record
 * only afterwards, and before word that it is gone.
 */
export const ERASURE_REACTOR: Reactor<'auth.user-deleted', Work> = {
  name: 'erasure',
  types: ['auth.user-deleted'],
  whenItFails: 'SET_ASIDE',
  react: ({ tx }, { payload: { userId } }) => eraseAuditedWords(tx, userId),
};
