import { createCredentials } from '../client/credentials.ts';
import { CommandError } from './command-error.ts';
import { endpointOf } from './endpoint.ts';
import { firstLine } from './first-line.ts';
import { deliver, resume } from './smoke/delivery.ts';
import { askFacts, type Facts, readHealth } from './smoke/facts.ts';
import { createReport, type Report } from './smoke/report.ts';
import { createRequests, type Requests } from './smoke/requests.ts';
import { type Credential, type SignedIn, signIn, signOut } from './smoke/sign-in.ts';
import type { Way } from './smoke/stream.ts';
import { eventStreams, openSocketWay, SILENT } from './smoke/ways.ts';

export interface SmokeOptions {
  readonly url?: string | undefined;
  readonly username?: string | undefined;
  /** In seconds, for each check. */
  readonly timeout: string;
  readonly 'password-stdin': boolean;
  readonly 'token-stdin': boolean;
  readonly 'no-websocket': boolean;
}

interface Plan {
  readonly endpoint: string;
  readonly timeoutMs: number;
  /** Null asks as nobody. */
  readonly credential: Credential | null;
  readonly usesSockets: boolean;
}

const SLOW = 'the server is overloaded, or a firewall or a proxy in front swallows what is asked';
const BUFFERED =
  'a stream is open and not even its first byte is here, so something in front holds it back (nginx: proxy_buffering off)';
const UNDELIVERED =
  'what was published stays out, so something in front holds it back, or the processes do not serve one database';

/** Checks a deployed server from outside and prints a line of each check; the exit code is 1 when one failed. @throws CommandError */
export async function smokeCommand(options: SmokeOptions): Promise<void> {
  const plan = await readPlan(options);
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const report = createReport({ timeoutMs: plan.timeoutMs, print });
  try {
    await check(report, plan);
  } finally {
    report.end();
  }
  if (report.hasFailed) process.exitCode = 1;
}

async function check(report: Report, { endpoint, credential, usesSockets }: Plan): Promise<void> {
  const requests = createRequests(endpoint, report.signal);
  await report.run({ name: 'health', late: SLOW }, () => readHealth(requests));
  const facts = await report.run({ name: 'realtimeInfo', late: SLOW }, () => askFacts(requests, endpoint));
  if (!facts) return;
  const who =
    credential && (await report.run({ name: 'sign-in', late: SLOW }, () => signIn(requests, credential)));
  const parts = { requests, facts, who };
  const socket = usesSockets ? await checkSocket(report, parts) : null;
  if (!usesSockets) report.skip('websocket', '--no-websocket');
  const ways = [socket, await checkEventStream(report, parts)].filter((way) => way !== null);
  await checkDelivery(report, { ...parts, ways });
  // A token that was given goes on for whoever gave it.
  if (who && credential?.kind === 'PASSWORD')
    await report.run({ name: 'sign-out', late: SLOW }, () => signOut(requests, who.token));
}

interface Parts {
  readonly requests: Requests;
  readonly facts: Facts;
  readonly who: SignedIn | null;
}

async function checkSocket(report: Report, { requests, facts, who }: Parts): Promise<Way | null> {
  if (facts.isStrict && !who) {
    report.skip('websocket', 'sockets take realtime tokens only, which need a sign-in');
    return null;
  }
  const credentials = createCredentials(() => who?.token ?? null, requests.http);
  const seen = await report.run({ name: 'websocket', late: SILENT }, async (signal) => {
    const token = await credentials.forSocket({ isRealtime: facts.isStrict });
    const way = await openSocketWay({ ...facts, token, signal: report.signal });
    return { way, note: await tryOut(way, { who, signal }) };
  });
  return seen?.way ?? null;
}

async function checkEventStream(report: Report, { requests, who }: Parts): Promise<Way | null> {
  const seen = await report.run({ name: 'event stream', late: BUFFERED }, async (signal) => {
    const way = eventStreams(requests.http, who?.token ?? null);
    const note = await tryOut(way, { who, signal });
    return { way, note: who ? note : `${note}; whether streams are held back takes a sign-in` };
  });
  return seen?.way ?? null;
}

/** Answers what was seen. Nobody may subscribe who is not signed in, and not everybody is shown a state. */
async function tryOut(
  way: Way,
  { who, signal }: { readonly who: SignedIn | null; readonly signal: AbortSignal },
): Promise<string> {
  if (!who) {
    const answer = way.follow({ query: '{ realtimeInfo { serverTime } }' }, signal);
    await answer.until(() => answer.frames.length > 0);
    return 'a query is answered';
  }
  const showsState = who.scopes.includes('MACHINES_READ');
  const query = `subscription { ${showsState ? 'systemStatus' : 'notifications'} { __typename } }`;
  const stream = way.follow({ query }, signal);
  await stream.standing();
  if (!showsState) return 'a subscription stays open';
  await stream.until(() => stream.frames.length > 0);
  return 'the first frame of a subscription is here';
}

async function checkDelivery(
  report: Report,
  { requests, who, ways }: Parts & { readonly ways: readonly Way[] },
): Promise<void> {
  const name = 'delivery';
  if (!who) return report.skip(name, 'nobody is signed in');
  if (ways.length === 0) return report.skip(name, 'there is no way to follow it');
  if (!who.scopes.includes('CHANNELS_BROADCAST'))
    return report.skip(name, 'this account may publish nothing; an OPERATOR may');
  const delivered = await report.run({ name, late: UNDELIVERED }, (signal) =>
    deliver(requests, { who, ways, signal }),
  );
  if (delivered)
    await report.run({ name: 'resume', late: UNDELIVERED }, (signal) =>
      resume(delivered, { who, ways, signal }),
    );
}

/** @throws CommandError */
async function readPlan(options: SmokeOptions): Promise<Plan> {
  if (options.url === undefined) throw new CommandError('smoke takes --url.');
  const endpoint = endpointOf(options.url);
  const timeoutMs = Number(options.timeout) * 1_000;
  if (!(timeoutMs >= 1_000 && timeoutMs <= 600_000))
    throw new CommandError('--timeout takes seconds, 1 to 600.');
  return {
    endpoint,
    timeoutMs,
    credential: await readCredential(options),
    usesSockets: !options['no-websocket'],
  };
}

/** @throws CommandError */
async function readCredential(options: SmokeOptions): Promise<Credential | null> {
  const { username, 'password-stdin': takesPassword, 'token-stdin': takesToken } = options;
  if ((username !== undefined) !== takesPassword || (takesPassword && takesToken))
    throw new CommandError('smoke takes --username with --password-stdin, or --token-stdin, or neither.');
  if (takesToken) return { kind: 'TOKEN', token: await firstLine('--token-stdin', 'an access token') };
  if (username === undefined) return null;
  return { kind: 'PASSWORD', username, password: await firstLine('--password-stdin', 'a password') };
}
