import { change } from './change.ts';
import { tell } from './emitter.ts';
import type { FloorClient } from './floor-client.ts';
import { createMessageListeners } from './message-listeners.ts';
import type { Gap, OperationRequest } from './operation.ts';

/** Something said on a channel. */
export interface ChannelMessage<Data = unknown> {
  /** The name of the channel. */
  readonly channel: string;
  readonly kind: string;
  /** What kind of message it is, in the words of who sent it. */
  readonly type: string;
  readonly data: Data;
  readonly sentAt: string;
  readonly cursor: string;
}

/** What is said, and to whom: at most one of the last three but the key; without any, to the venue. */
export interface OutgoingMessage {
  readonly type: string;
  readonly data?: unknown;
  readonly channel?: string;
  readonly userId?: string;
  readonly deviceId?: string;
  readonly idempotencyKey?: string;
}

export interface ChannelsOptions {
  /** Without them the venue's channel and one's own. */
  readonly names?: readonly string[];
  /** Begin behind this cursor. */
  readonly after?: string;
  /** It has ended: a name is not, or no longer, to be followed. Without it the error is reported as uncaught. */
  readonly onError?: (error: unknown) => void;
  /** Away for longer than messages are kept: reads what is shown anew and says where to go on; with what comes, without it. */
  readonly gap?: () => Gap | Promise<Gap>;
}

/** Messages by their type, on the connection that the client has. */
export interface Channels {
  /** Listens to messages of one type, or with `*` to all. Answers how to stop. */
  on<Data = unknown>(type: string, listener: (message: ChannelMessage<Data>) => void): () => void;
  /** Stops all that this listener listens to. The connection stays as it is. */
  off<Data = unknown>(listener: (message: ChannelMessage<Data>) => void): void;
  /** Says something. Answers to how many subscriptions it was handed. @throws RefusedError and what `ask` throws */
  send(message: OutgoingMessage): Promise<number>;
  /** Stops following. */
  close(): void;
}

export const MESSAGES = `subscription Channels($names: [String!], $after: Cursor) {
  channels(names: $names, after: $after) { channel kind type data sentAt cursor }
}`;
export const BROADCAST = `mutation Broadcast($input: BroadcastInput!) {
  broadcast(input: $input) { ... on BroadcastSuccess { delivered } ... on Error { code message } }
}`;

/** The subscription that follows channels. */
export const channelsRequest = ({
  names,
  after,
}: Pick<ChannelsOptions, 'names' | 'after'>): OperationRequest => ({
  query: MESSAGES,
  variables: { names: names ?? null, after: after ?? null },
});

/** What that subscription tells. */
export interface ChannelsFrame {
  readonly channels: ChannelMessage;
}

export const CURSOR = '{ cursor }';

/** Where to go on with what comes. */
export const askCursor = async (client: FloorClient): Promise<Gap> =>
  (await client.ask<{ readonly cursor: string }>({ query: CURSOR })).data?.cursor;

/** Says something on a channel. Answers to how many subscriptions it was handed. @throws RefusedError and what `ask` throws */
export async function sendMessage(client: FloorClient, input: OutgoingMessage): Promise<number> {
  const request = { query: BROADCAST, variables: { input } };
  return (await change<{ readonly delivered: number }>(client, request)).delivered;
}

/** Follows channels until they are closed. */
export function openChannels(client: FloorClient, options: ChannelsOptions = {}): Channels {
  const { onError = throwLater, gap = () => askCursor(client) } = options;
  const { on, off, hear } = createMessageListeners();
  const close = client.on<ChannelsFrame>(channelsRequest(options), {
    next: ({ data }) => data && hear(data.channels),
    error: onError,
    gap,
  });
  return { on, off, send: (message) => sendMessage(client, message), close };
}

const throwLater = (error: unknown): void =>
  tell(() => {
    throw error;
  });
