import { CLOSE } from '../graphql/close-codes.ts';
import { type ErrorScope, publicError } from '../graphql/errors.ts';

/** How a socket closes that may not go on; a client comes back to all but the first with the same token. */
export function refusalOf(
  error: unknown,
  scope: ErrorScope,
): { readonly code: number; readonly reason: string } {
  const { message, extensions } = publicError(error, scope);
  const isOfToken = extensions.family === 'AUTH' || extensions.code === 'WS_002';
  if (isOfToken) return { code: CLOSE.TOKEN_REFUSED, reason: `WS_002 ${message}` };
  const code = CLOSE_OF[extensions.code] ?? CLOSE.TRY_AGAIN_LATER;
  return { code, reason: `${extensions.code} ${message}` };
}

const CLOSE_OF: Readonly<Record<string, number>> = { SYS_004: CLOSE.DRAINING, WS_005: CLOSE.LIMIT_REACHED };
