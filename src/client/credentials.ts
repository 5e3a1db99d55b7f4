import { isFinal, isStale, SignedOutError } from './errors.ts';
import type { Http } from './http.ts';

/** An access token or API key, as an app has it. */
export interface Credential {
  readonly token: string;
  /** When it ends, where that is known. */
  readonly expiresAt?: Date | string | null;
}

/**
 * Gives the credential of the moment, whenever one is needed: for each request, each connection and each renewal.
 * `refused` is one that the server no longer takes, so another has to be got. Null asks as nobody.
 *
 * @throws SignedOutError when the user has to sign in again; anything else is tried again after a while
 */
export type CredentialSource = (need: {
  readonly refused: string | null;
}) => Credential | string | null | Promise<Credential | string | null>;

/** What a socket begins with, or goes on with. */
export interface SocketToken {
  /** Of `connection_init`. */
  readonly params: Readonly<Record<string, string>>;
  /** Null for nobody, who has nothing to renew. */
  readonly token: string | null;
  readonly expiresAt: number | null;
}

export interface Credentials {
  /** For a request over HTTP. Null for nobody. */
  forRequest(): Promise<string | null>;
  /** @throws SignedOutError; RefusedError or TypeError when it was not to be had this time */
  forSocket(options: { readonly isRealtime: boolean }): Promise<SocketToken>;
  /**
   * Whether the server still takes what there is: it gives a realtime token only to what its database has as good,
   * where a query may be answered by what was known a second ago. Where it cannot be asked, nothing says otherwise.
   */
  areGood(): Promise<boolean>;
  /** The server does not take this one any more, or the last one. Where another was got meanwhile, that stays good. */
  refuse(token?: string | null): void;
}

export function createCredentials(source: CredentialSource, http: Http): Credentials {
  let last: string | null = null;
  let refused: string | null = null;
  const get = async (): Promise<Credential | null> => {
    const given = await source({ refused });
    const credential = typeof given === 'string' ? { token: given } : given;
    last = credential?.token ?? null;
    if (last === null || last !== refused) refused = null;
    return credential;
  };
  const refuse = (token = last) => {
    if (token === last) refused = token;
  };
  /** With an access token that is not taken any more, once more with another. */
  const realtime = async (accessToken: string): Promise<SocketToken> => {
    try {
      return await issueRealtimeToken(http, accessToken);
    } catch (error) {
      if (!isStale(error)) throw error;
      refuse(accessToken);
      const another = await get();
      if (!another) throw error;
      return await issueRealtimeToken(http, another.token);
    }
  };
  return {
    forRequest: async () => (await get())?.token ?? null,
    async forSocket({ isRealtime }) {
      const credential = await get();
      if (!credential) return { params: {}, token: null, expiresAt: null };
      const { token } = credential;
      if (isRealtime) return await realtime(token);
      return { params: { accessToken: token }, token, expiresAt: timeOf(credential.expiresAt) };
    },
    async areGood() {
      try {
        const { token } = (await get()) ?? {};
        return token !== undefined && Boolean(await realtime(token));
      } catch (error) {
        return !isFinal(error);
      }
    },
    refuse,
  };
}

export const ISSUE = `mutation {
  issueRealtimeToken {
    ... on IssueRealtimeTokenSuccess { token expiresAt }
    ... on Error { code message }
  }
}`;

interface Issued {
  readonly issueRealtimeToken: {
    readonly token?: string;
    readonly expiresAt?: string;
    readonly code?: string;
    readonly message?: string;
  };
}

async function issueRealtimeToken(http: Http, accessToken: string): Promise<SocketToken> {
  const { issueRealtimeToken: issued } = await http.ask<Issued>({ query: ISSUE }, { token: accessToken });
  const { token, expiresAt, code, message } = issued;
  if (!token) throw new SignedOutError(message ?? 'No realtime token was issued.', { code: code ?? null });
  return { params: { realtimeToken: token }, token, expiresAt: timeOf(expiresAt) };
}

export const timeOf = (moment: Date | string | null | undefined): number | null =>
  moment === null || moment === undefined ? null : new Date(moment).getTime();
