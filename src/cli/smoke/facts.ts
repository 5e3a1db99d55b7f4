import { RefusedError } from '../../client/errors.ts';
import { CheckError } from './likely-cause.ts';
import { notOurs, type Requests } from './requests.ts';

/** What a server says of its sockets. */
export interface Facts {
  /** Where they are opened. */
  readonly url: string;
  readonly heartbeatIntervalMs: number;
  /** Whether they take realtime tokens only. */
  readonly isStrict: boolean;
  readonly note: string;
}

interface Health {
  readonly status: string;
  readonly checks: readonly { readonly name: string; readonly status: string }[];
}

interface Answer {
  readonly realtimeInfo: {
    readonly url: string;
    readonly tokenParameters: readonly string[];
    readonly heartbeatIntervalSeconds: number;
  };
}

const INFO = '{ realtimeInfo { url tokenParameters heartbeatIntervalSeconds } }';

/** @throws CheckError when it is not well, or something else answers */
export async function readHealth({ get }: Requests): Promise<{ readonly note: string }> {
  const { status: httpStatus, text } = await get('health');
  const health = parseHealth(text);
  if (!health) throw new CheckError(notOurs(httpStatus));
  const ailing = health.checks.filter(({ status }) => status !== 'HEALTHY').map(({ name }) => name);
  const note = [health.status, ...(ailing.length > 0 ? [ailing.join(', ')] : [])].join(', because of ');
  if (httpStatus !== 200) throw new CheckError(`the server says it is ${note}`);
  return { note };
}

function parseHealth(text: string): Health | null {
  try {
    const { status, checks } = JSON.parse(text);
    return typeof status === 'string' && Array.isArray(checks) ? { status, checks } : null;
  } catch {
    return null;
  }
}

/** @throws CheckError when clients would be led astray; what `ask` throws */
export async function askFacts({ ask }: Requests, endpoint: string): Promise<Facts> {
  const { realtimeInfo } = await ask<Answer>({ query: INFO }, null).catch((error) => {
    if (!(error instanceof RefusedError) || error.code !== 'API_002') throw error;
    throw new CheckError('floorwire answers, but not at this path: its endpoint is /graphql', {
      cause: error,
    });
  });
  const { url, tokenParameters, heartbeatIntervalSeconds } = realtimeInfo;
  const [asked, advertised] = [new URL(endpoint), new URL(url)];
  const sends = `clients are sent to ${url}`;
  if (asked.protocol === 'https:' && advertised.protocol === 'ws:')
    throw new CheckError(`${sends}, which pages of https may not open: PUBLIC_URL must be the https address`);
  if (isOwnMachine(advertised) && !isOwnMachine(asked))
    throw new CheckError(`${sends}, which is their own machine: PUBLIC_URL must be the address they see`);
  return {
    url,
    heartbeatIntervalMs: heartbeatIntervalSeconds * 1_000,
    isStrict: !tokenParameters.includes('accessToken'),
    note: `sockets are at ${url}`,
  };
}

const isOwnMachine = ({ hostname }: URL): boolean =>
  /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])$/.test(hostname);
