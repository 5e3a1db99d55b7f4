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
}

/** @param url of the server, without a path */
export function httpClient(url: string): HttpClient {
  async function post(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }
  return { post, ask: (query, headers) => post({ query }, headers) };
}
