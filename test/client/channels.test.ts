import { expect, test } from 'vitest';
import { type ChannelMessage, openChannels, RefusedError } from '../../src/client/floor-client.ts';
import { channelsOf } from '../support/channels.ts';
import { eventually } from '../support/deadline.ts';
import { aClientFloor } from './floor.ts';

/** Channels as an app has them: messages by their type, over the one connection of the client. */
const { floor, proxy, client } = await aClientFloor();
const { names, ids, broadcast, followed } = await channelsOf(floor);
const OWN = `user:${ids.operator}`;

test('listeners hear messages of their type, and off stops them without closing the socket', async () => {
  const app = client();
  const channels = openChannels(app);
  const hellos: ChannelMessage[] = [];
  const all: string[] = [];
  const onHello = (message: ChannelMessage) => void hellos.push(message);
  channels.on('hello', onHello);
  channels.on('*', ({ type }) => void all.push(type));
  await followed({ [names.VENUE]: 1, [OWN]: 1 });

  expect(await channels.send({ type: 'hello', data: { n: 1 } })).toBe(1);
  expect(await channels.send({ type: 'other', userId: ids.operator })).toBe(1);
  await eventually(() => all.length === 2);
  expect(hellos).toEqual([
    expect.objectContaining({ type: 'hello', data: { n: 1 }, channel: names.VENUE, kind: 'VENUE' }),
  ]);

  channels.off(onHello);
  await channels.send({ type: 'hello' });
  await eventually(() => all.length === 3);
  expect(hellos).toHaveLength(1);
  expect(app.status.state).toBe('connected');
  channels.close();
  await followed({});
});

test('what is said while the connection is gone is heard when it is back, once', async () => {
  const app = client();
  const channels = openChannels(app, { names: [names.VENUE] });
  const heard: unknown[] = [];
  channels.on('count', ({ data }) => void heard.push(data));
  await followed({ [names.VENUE]: 1 });
  await channels.send({ type: 'count', data: 0 });
  await eventually(() => heard.length === 1);
  proxy.cut('SOCKET');
  for (let data = 1; data <= 5; data += 1) await broadcast({ type: 'count', data });
  await eventually(() => heard.length === 6);
  expect(heard).toEqual([0, 1, 2, 3, 4, 5]);
  channels.close();
  await followed({});
});

test('a name that is none ends it with WS_007, and so is sending to it refused', async () => {
  const errors: unknown[] = [];
  const channels = openChannels(client(), { names: ['lunch'], onError: (error) => void errors.push(error) });
  await eventually(() => errors.length > 0);
  expect(errors).toEqual([expect.objectContaining({ code: 'WS_007' })]);
  const refusal = await channels.send({ type: 'hello', channel: 'lunch' }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(RefusedError);
  expect(refusal).toMatchObject({ code: 'WS_007' });
  expect(
    await openChannels(client())
      .send({ type: 'no', channel: 'a b' })
      .catch(({ code }) => code),
  ).toBe('WS_007');
});
