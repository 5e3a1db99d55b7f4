import { randomUUID } from 'node:crypto';
import { CheckError } from './likely-cause.ts';
import type { Requests } from './requests.ts';
import { refusal, type SignedIn } from './sign-in.ts';
import type { Stream, Way } from './stream.ts';

/** Two messages that were said after one another, and where the log stood behind the first. */
export interface Delivered {
  readonly marks: readonly [string, string];
  readonly cursor: string;
  readonly note: string;
}

interface Frame {
  readonly channels: {
    readonly data: { readonly mark?: string } | null;
    readonly cursor: string;
  };
}

const FOLLOW = `subscription ($names: [String!], $after: Cursor) {
  channels(names: $names, after: $after) { data cursor }
}`;
const SAY = `mutation ($input: BroadcastInput!) {
  broadcast(input: $input) { ... on BroadcastSuccess { delivered } ... on Error { code message } }
}`;

/** Says two things to the one who asks himself, whom nobody else hears, and expects each once on every way. @throws CheckError */
export async function deliver(
  { ask }: Requests,
  {
    who,
    ways,
    signal,
  }: { readonly who: SignedIn; readonly ways: readonly Way[]; readonly signal: AbortSignal },
): Promise<Delivered> {
  const streams = ways.map((way) => ({ way, stream: follow(way, { who, after: who.cursor, signal }) }));
  await Promise.all(streams.map(({ stream }) => stream.standing()));
  const marks = [randomUUID(), randomUUID()] as const;
  for (const mark of marks) {
    const input = { type: 'floorwire.smoke', userId: who.userId, data: { mark } };
    const { broadcast } = await ask<{ readonly broadcast: { code?: string; message?: string } }>(
      { query: SAY, variables: { input } },
      who.token,
    );
    if (broadcast.code !== undefined) throw refusal(broadcast);
  }
  await Promise.all(
    streams.map(({ way, stream }) => expectOnce(way, stream, { among: marks, wanted: marks })),
  );
  const [first] = streams.flatMap(({ stream }) =>
    stream.frames.filter((frame) => markOf(frame) === marks[0]),
  );
  return { marks, cursor: first?.channels.cursor ?? '', note: `each event once by ${namesOf(ways)}` };
}

/** Goes on behind the first message on every way, and expects the second alone. @throws CheckError */
export async function resume(
  { marks, cursor }: Delivered,
  {
    who,
    ways,
    signal,
  }: { readonly who: SignedIn; readonly ways: readonly Way[]; readonly signal: AbortSignal },
): Promise<{ readonly note: string }> {
  await Promise.all(
    ways.map((way) =>
      expectOnce(way, follow(way, { who, after: cursor, signal }), { among: marks, wanted: [marks[1]] }),
    ),
  );
  return { note: `behind its cursor nothing is missed and nothing comes again by ${namesOf(ways)}` };
}

const follow = (
  way: Way,
  { who, after, signal }: { readonly who: SignedIn; readonly after: string; readonly signal: AbortSignal },
): Stream<Frame> =>
  way.follow<Frame>({ query: FOLLOW, variables: { names: [`user:${who.userId}`], after } }, signal);

/** What is said last is the end of what has to be looked at. */
async function expectOnce(
  { name }: Way,
  { frames, until }: Stream<Frame>,
  { among, wanted }: { readonly among: readonly string[]; readonly wanted: readonly string[] },
): Promise<void> {
  await until(() => frames.some((frame) => markOf(frame) === among.at(-1)));
  const heard = frames.map(markOf).filter((mark) => among.includes(mark));
  if (heard.join() === wanted.join()) return;
  const what = heard.length > new Set(heard).size ? 'more than once' : 'not as they were published';
  throw new CheckError(`events come ${what} by ${name}: something in front repeats or changes answers`);
}

const markOf = ({ channels }: Frame): string => channels.data?.mark ?? '';

const namesOf = (ways: readonly Way[]): string => ways.map(({ name }) => name).join(' and ');
