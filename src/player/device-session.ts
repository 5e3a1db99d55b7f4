import type { CredentialSource } from '../client/credentials.ts';
import { SignedOutError } from '../client/errors.ts';
import { createHttp, type Fetch } from '../client/http.ts';
import { createSession, type Session, type SessionTokens } from '../client/session.ts';
import type { Timers } from '../client/timers.ts';

/** What a device signs in with, as `registerDevice` answered it. */
export interface DeviceIdentity {
  /** The slug of its venue. */
  readonly venue: string;
  readonly deviceNumber: string;
  readonly serialNumber: string;
  readonly pairingCode: string;
}

export interface DeviceSessionOptions {
  /** The GraphQL endpoint. */
  readonly url: string;
  readonly identity: DeviceIdentity;
  /** Of a session that may still be open; null for none. */
  readonly tokens: SessionTokens | null;
  /** Told each new pair. */
  readonly onTokens: (tokens: SessionTokens) => void;
  readonly fetch: Fetch;
  readonly timers: Timers;
}

/** A device's sign-in: begun anew by its pairing code whenever the one before is over. */
export interface DeviceSession {
  /** @throws SignedOutError when the server does not take the device, which nothing but other credentials changes */
  readonly token: CredentialSource;
  /** Grows with each sign-in. */
  readonly generation: number;
  /** The server has ended this one: another is begun when one is needed. */
  forget(generation: number): void;
}

/** Whether the server does not take the device at all: whatever is wrong with its credentials. */
export const isNotTaken = (error: unknown): boolean =>
  error instanceof SignedOutError && error.code === WRONG;

const WRONG = 'AUTH_001';

const AUTHENTICATE = `mutation ($input: AuthenticateDeviceInput!) {
  authenticateDevice(input: $input) {
    ... on AuthenticateDeviceSuccess { accessToken refreshToken expiresIn }
    ... on Error { code message }
  }
}`;

interface Answer {
  readonly authenticateDevice: Partial<SessionTokens> & { readonly code?: string; readonly message?: string };
}

export function createDeviceSession(options: DeviceSessionOptions): DeviceSession {
  const { url, identity, onTokens, fetch, timers } = options;
  const http = createHttp(url, { fetch, timers });
  const open = (tokens: SessionTokens) => createSession({ url, tokens, onTokens, fetch, timers });
  let session: Session | null = options.tokens && open(options.tokens);
  let generation = 0;
  let signingIn: Promise<Session> | null = null;

  async function signIn(): Promise<Session> {
    const request = { query: AUTHENTICATE, variables: { input: identity } };
    const { authenticateDevice: answer } = await http.ask<Answer>(request, { token: null });
    const { accessToken, refreshToken, expiresIn, code = null, message } = answer;
    if (!accessToken || !refreshToken || expiresIn === undefined) {
      const text = message ?? 'The server does not take this device.';
      throw code === WRONG ? new SignedOutError(text, { code }) : new Error(text);
    }
    const tokens = { accessToken, refreshToken, expiresIn };
    onTokens(tokens);
    session = open(tokens);
    generation += 1;
    return session;
  }

  async function current(): Promise<Session> {
    if (session) return session;
    // Together: each sign-in ends the one before.
    signingIn ??= signIn().finally(() => {
      signingIn = null;
    });
    return await signingIn;
  }

  return {
    async token(need) {
      const own = await current();
      try {
        return await own.token(need);
      } catch (error) {
        if (!(error instanceof SignedOutError)) throw error;
        if (session === own) session = null;
        return await (await current()).token({ refused: null });
      }
    },
    get generation() {
      return generation;
    },
    forget(ended) {
      if (ended === generation) session = null;
    },
  };
}
