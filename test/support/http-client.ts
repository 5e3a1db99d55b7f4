/** Asks a server over HTTP as any client would. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  readonly body: any;
}

export interface HttpClient {
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  ask(query: string, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  /** The result of one operation asked for as server-sent events; its stream must end by itself. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  askEvents(query: string, headers?: Readonly<Record<string, string>>, variables?: object): Promise<any>;
}

/** @param url of the server, without a path */
export function httpClient(url: string): HttpClient {
  const send = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const post: HttpClient['post'] = async (body, headers) => {
    const response = await send(body, headers);
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  return {
    post,
    ask: (query, headers) => post({ query }, headers),
    async askEvents(query, headers, variables = {}) {
      const response = await send({ query, variables }, { accept: 'text/event-stream', ...headers });
      const text = await response.text();
      const frames = [...text.matchAll(/^event: (\w+)\ndata:(.*)$/gm)].map(([, event, data]) => ({
        event,
        data,
      }));
      const [next, complete] = frames;
      if (frames.length !== 2 || next?.event !== 'next' || complete?.event !== 'complete')
        throw new Error(`not one result: ${text.slice(0, 500)}`);
      return JSON.parse(next.data ?? '');
    },
  };
}

/** Signs somebody in and answers his access token. */
export async function signInOver(
  url: string,
  input: { readonly identifier: string; readonly password: string },
): Promise<string> {
  const { body } = await httpClient(url).post({
    query: 'mutation ($input: LoginInput!) { login(input: $input) { ... on LoginSuccess { accessToken } } }',
    variables: { input },
  });
  return body.data.login.accessToken;
}
