import { ProviderUnavailableError } from './oauth-errors.ts';

/** From the request to the last byte of the answer. */
const TIMEOUT_MS = 10_000;
/** Many times what any of these answers takes. */
const MAX_BYTES = 256 * 1_024;

/** What a provider answered: a status that is its word, and JSON. */
export interface ProviderAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Asks a provider for JSON, and follows it nowhere else.
 *
 * @throws ProviderUnavailableError for what is no answer: none, one too late or too long, a fault of its server, no JSON
 */
export async function askProvider(
  url: string,
  request: RequestInit = {},
  timeoutMs = TIMEOUT_MS,
): Promise<ProviderAnswer> {
  const response = await fetchBounded(url, request, timeoutMs);
  try {
    return { status: response.status, body: await response.json() };
  } catch (cause) {
    throw new ProviderUnavailableError({ cause });
  }
}

/** As `fetch`, with the whole answer there, and never longer than it may be. @throws ProviderUnavailableError */
export async function fetchBounded(
  url: string,
  request: RequestInit = {},
  timeoutMs = TIMEOUT_MS,
): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { ...request, redirect: 'error', signal });
    const { status } = response;
    const bytes = await readBounded(response);
    if (status >= 500 || status === 429) throw new Error(`${new URL(url).host} answers ${status}`);
    return new Response(Uint8Array.from(bytes), { status, headers: { 'content-type': 'application/json' } });
  } catch (cause) {
    throw new ProviderUnavailableError({ cause });
  }
}

async function readBounded({ body }: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    // Leaving the loop gives the rest up.
    if (length > MAX_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The text under a name of what was answered; null for anything else. */
export function textOf(body: unknown, name: string): string | null {
  const value = fieldOf(body, name);
  return typeof value === 'string' && value !== '' ? value : null;
}

export const fieldOf = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>)[name] : undefined;

/** What a token endpoint says when it is us whom it does not know, which no caller can help. */
const FAULTS_OF_OURS = [
  'invalid_client',
  'unauthorized_client',
  'redirect_uri_mismatch',
  'incorrect_client_credentials',
];

/** What an endpoint says when the code is no good. @throws Error when it says that our settings are not */
export function refuseOurFault(provider: string, body: unknown): void {
  const error = textOf(body, 'error');
  if (error !== null && FAULTS_OF_OURS.includes(error))
    throw new Error(`${provider} does not take the client of OAUTH_${provider}_CLIENT_ID: ${error}`);
}
