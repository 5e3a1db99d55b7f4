import type { CredentialSource } from './credentials.ts';
import { asSignedOut, SignedOutError } from './errors.ts';
import { createHttp, type Fetch } from './http.ts';
import { SYSTEM_TIMERS, type Timers } from './timers.ts';

/** What `login`, `register`, `verifySecondFactor`, `authenticateDevice` and `refreshToken` answer. */
export interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Of the access token, in seconds. */
  readonly expiresIn: number;
}

export interface SessionOptions {
  /** The GraphQL endpoint. */
  readonly url: string;
  readonly tokens: SessionTokens;
  /** Told each new pair. A refresh token that was exchanged must not be used again: that ends the session. */
  readonly onTokens?: (tokens: SessionTokens) => void;
  readonly fetch?: Fetch;
  readonly timers?: Timers;
}

/** A sign-in, whose access token is renewed whenever it is about to end or is no longer taken. */
export interface Session {
  /** For `createFloorClient`. @throws SignedOutError when the session is over */
  readonly token: CredentialSource;
  /** The pair of the moment. */
  readonly tokens: SessionTokens;
}

/** An access token that ends within this time is not handed out any more. */
const AHEAD_MS = 150_000;
/** Nor one of a short life, already before its middle: that is when the server asks for the next. */
const SHARE_OF_SHORT_LIFE = 3 / 4;

export const REFRESH = `mutation ($token: String!) {
  refreshToken(input: { refreshToken: $token }) {
    ... on RefreshTokenSuccess { accessToken refreshToken expiresIn }
    ... on Error { code message }
  }
}`;

type Answer = {
  readonly refreshToken: Partial<SessionTokens> & { readonly code?: string; readonly message?: string };
};

export function createSession(options: SessionOptions): Session {
  const { url, onTokens = () => {}, timers = SYSTEM_TIMERS, fetch = globalThis.fetch } = options;
  const http = createHttp(url, { fetch, timers });
  let { tokens } = options;
  let endsAt = timers.now() + tokens.expiresIn * 1_000;
  let renewal: Promise<void> | null = null;

  async function renew(): Promise<void> {
    const variables = { token: tokens.refreshToken };
    // Never given up: were it exchanged after all, the next try would be the second with this one.
    const options = { token: null, withinMs: null };
    const { refreshToken: answer } = await http.ask<Answer>({ query: REFRESH, variables }, options);
    const { accessToken, refreshToken, expiresIn, code, message } = answer;
    if (!accessToken || !refreshToken || expiresIn === undefined)
      throw new SignedOutError(message ?? 'The session is over.', { code: code ?? null });
    tokens = { accessToken, refreshToken, expiresIn };
    endsAt = timers.now() + expiresIn * 1_000;
    onTokens(tokens);
  }
  return {
    async token({ refused }) {
      const lifeMs = tokens.expiresIn * 1_000;
      const isEnding = endsAt - timers.now() < Math.min(AHEAD_MS, lifeMs * SHARE_OF_SHORT_LIFE);
      if (isEnding || refused === tokens.accessToken) {
        // Together: a refresh token is good once.
        renewal ??= renew().finally(() => {
          renewal = null;
        });
        await renewal.catch((error) => {
          throw asSignedOut(error) ?? error;
        });
      }
      return { token: tokens.accessToken, expiresAt: new Date(endsAt) };
    },
    get tokens() {
      return tokens;
    },
  };
}
