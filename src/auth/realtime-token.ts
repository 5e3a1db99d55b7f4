import { makeOpaqueToken, type OpaqueToken, opaqueTokenHash } from './opaque-token.ts';

/** How long a socket may be opened with it, and how long that socket lives. */
export const REALTIME_TOKEN_SECONDS = 1_800;

const PREFIX = 'rt_';

export const makeRealtimeToken = (): OpaqueToken => makeOpaqueToken(PREFIX);

/** Whether a text means to be a realtime token, good or not. */
export const isRealtimeToken = (text: string): boolean => text.startsWith(PREFIX);

export const realtimeTokenHash = (text: string): Buffer | null => opaqueTokenHash(text, PREFIX);
