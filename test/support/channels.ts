import { expect } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { system } from '../../src/lib/actor.ts';
import { broadcastMessage } from '../../src/notification/channel-service.ts';
import type { RunWork } from '../../src/work.ts';
import type { Asker, FloorApp } from './app.ts';
import { eventually } from './deadline.ts';

/** Something that floorwire itself says to a venue. */
export async function aMessage(
  runWork: RunWork,
  { venueId, data = null }: { readonly venueId: string; readonly data?: unknown },
): Promise<string> {
  const { message } = await runWork(system('test'), (work) =>
    broadcastMessage(work, {
      venueId,
      channel: null,
      userId: null,
      deviceId: null,
      type: 'test',
      data,
      idempotencyKey: null,
    }),
  );
  return message.id;
}

export const MESSAGES = `subscription ($names: [String!], $after: Cursor) {
  channels(names: $names, after: $after) { channel kind type data cursor sender { kind } delivered }
}`;

export const BROADCAST = `mutation ($input: BroadcastInput!) {
  broadcast(input: $input) {
    __typename
    ... on BroadcastSuccess { delivered isReplay channelMessage { id channel kind type data delivered } }
    ... on Error { code message }
  }
}`;

/** What a test does with the channels of a floor. */
export async function channelsOf(floor: FloorApp) {
  const viewerId = async (as: Asker): Promise<string> =>
    (await floor.ask('{ viewer { user { id } } }', { as })).data.viewer.user.id;
  const { id: deviceId } = await floor
    .app()
    .services.db.selectFrom('device')
    .select('id')
    .executeTakeFirstOrThrow();

  const followers = async (): Promise<Readonly<Record<string, number>>> => {
    const query = '{ stats { realtime { channels { name subscribers } } } }';
    const { channels } = (await floor.ask(query, { as: 'ADMIN' })).data.stats.realtime;
    return Object.fromEntries(
      channels.map(({ name, subscribers }: { name: string; subscribers: number }) => [name, subscribers]),
    );
  };
  const follow = (as: Asker, variables: Record<string, unknown> = {}) =>
    floor.follow(MESSAGES, { as, variables });

  return {
    viewerId,
    ids: { player: await viewerId('PLAYER'), operator: await viewerId('OPERATOR') },
    names: {
      VENUE: `venue:${encodeGlobalId('Venue', floor.venueId)}`,
      DEVICE: `device:${encodeGlobalId('Device', deviceId)}`,
    },
    /** What the mutation answers, or the code it is refused with. */
    async broadcast(input: object, as: Asker = 'OPERATOR') {
      const answer = await floor.ask(BROADCAST, { as, variables: { input: { type: 'hello', ...input } } });
      return answer.errors ? { code: answer.errors[0]?.extensions.code } : answer.data.broadcast;
    },
    follow,
    /** Waits until so many follow each of these channels, and nobody any other. */
    followed: (counts: object) =>
      eventually(
        async () => {
          expect(await followers()).toEqual(counts);
          return true;
        },
        { deadlineMs: 60_000 },
      ),
    /** The code with which following these is refused; a frame, when it is not. */
    async refusalOf(as: Asker, names: readonly string[]): Promise<string> {
      const frames = follow(as, { names });
      const refusal = await frames.next().catch((errors: unknown) => errors);
      await frames.end();
      return Array.isArray(refusal) ? refusal[0].extensions.code : JSON.stringify(refusal);
    },
  };
}
