import type { FloorApp } from './app.ts';
import { PASSWORD } from './builders.ts';
import { httpClient } from './http-client.ts';
import { connect } from './socket-client.ts';

/** What a server answers to one operation, asked with a token or without. */
export type Ask = (
  query: string,
  options?: {
    readonly token?: string | undefined;
    readonly input?: object;
    /** Besides `input`. */
    readonly variables?: object;
  },
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
) => Promise<any>;

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

const LOGIN = `mutation ($input: LoginInput!) {
  login(input: $input) {
    __typename
    ... on LoginSuccess { accessToken refreshToken }
    ... on Error { code message }
  }
}`;

/** Both ways to ask a floor, each operation by itself: over HTTP, and over a socket opened for it. */
export function transportsTo(floor: FloorApp) {
  const http: Ask = async (query, { token, input, variables } = {}) => {
    const { post } = httpClient(floor.app().url);
    return (
      await post(
        { query, variables: { ...variables, input } },
        token ? { authorization: `Bearer ${token}` } : {},
      )
    ).body;
  };
  const socket: Ask = async (query, { token, input, variables } = {}) => {
    const client = await connect({ port: Number(new URL(floor.app().url).port) });
    await client.init(token ? { accessToken: token } : {});
    client.subscribe('1', query, { ...variables, input });
    const { payload } = await Promise.race([client.message('1', 'next'), client.message('1', 'error')]);
    client.socket.close();
    return Array.isArray(payload) ? { errors: payload } : payload;
  };
  const login = async (identifier: string, password = PASSWORD) =>
    (await http(LOGIN, { input: { identifier, password } })).data.login;
  const signIn = async (identifier: string, password = PASSWORD): Promise<Tokens> => {
    const answer = await login(identifier, password);
    if (answer.__typename !== 'LoginSuccess')
      throw new Error(`${identifier} may not sign in: ${answer.code}`);
    return answer;
  };
  return {
    http,
    socket,
    /** For `test.each`. */
    transports: [
      ['HTTP', http],
      ['a socket', socket],
    ] as const,
    /** Success or error, whichever. */
    login,
    signIn,
  };
}

/** The code of what stopped an operation; null when nothing did. */
export const refusalOf = (answer: {
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}): string | null => answer.errors?.[0]?.extensions.code ?? null;
