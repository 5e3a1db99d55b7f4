import type { Role } from '../lib/actor.ts';

declare module '../events/events.ts' {
  interface EventMap {
    'auth.venue-created': { readonly slug: string };
    /** Somebody registered, or an account was made for him. */
    'auth.user-registered': { readonly userId: string; readonly roles: readonly Role[] };
    /** A sign-in succeeded. */
    'auth.session-opened': { readonly sessionId: string; readonly userId: string };
  }
}
