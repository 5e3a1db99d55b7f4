import { afterAll, expect, test } from 'vitest';
import { anApiServer } from '../../support/api-server.ts';
import { eventually } from '../../support/deadline.ts';
import { connectRaw, frame, OPCODE, type RawSocket, textFrame } from '../../support/raw-socket.ts';
import { connect } from '../../support/socket-client.ts';

const api = await anApiServer();
afterAll(() => api.http.close(2_000));

const INIT = textFrame({ type: 'connection_init' });
const PING = textFrame({ type: 'ping' });
const HELLO = JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } });
const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

const texts = ({ frames }: RawSocket) =>
  frames.filter(({ opcode }) => opcode === OPCODE.TEXT).map(({ payload }) => JSON.parse(String(payload)));
const heard = (socket: RawSocket, type: string) =>
  eventually(() => texts(socket).find((message) => message.type === type));

test.each<[string, number, Uint8Array]>([
  ['a frame without a mask', 1002, frame(OPCODE.TEXT, '{"type":"ping"}', { masked: false })],
  ['a frame with a reserved bit', 1002, frame(OPCODE.TEXT, '{"type":"ping"}', { reserved: 1 })],
  ['a frame marked as compressed', 1002, frame(OPCODE.TEXT, '{"type":"ping"}', { reserved: 4 })],
  ['an opcode that has no meaning', 1002, frame(3, 'x')],
  ['a control opcode that has no meaning', 1002, frame(11)],
  ['a ping in fragments', 1002, frame(OPCODE.PING, 'x', { fin: false })],
  ['a ping of 126 bytes', 1002, frame(OPCODE.PING, 'x'.repeat(126))],
  ['the continuation of nothing', 1002, frame(OPCODE.CONTINUATION, 'x')],
  [
    'a message in the middle of another',
    1002,
    Buffer.concat([frame(OPCODE.TEXT, '{', { fin: false }), frame(OPCODE.TEXT, '}')]),
  ],
  ['a close frame of one byte', 1002, frame(OPCODE.CLOSE, 'x')],
  ['a close frame with a code nobody may send', 1002, frame(OPCODE.CLOSE, bytes('03 ed'))],
  ['a close frame with a reason that is no UTF-8', 1007, frame(OPCODE.CLOSE, bytes('03 e8 ff'))],
  ['text that is no UTF-8', 1007, frame(OPCODE.TEXT, bytes('22 c3 28 22'))],
  ['text that ends within a character', 1007, frame(OPCODE.TEXT, bytes('22 e2 82'))],
  ['text with half of a surrogate pair', 1007, frame(OPCODE.TEXT, bytes('ed a0 80'))],
  [
    'fragments that together are no UTF-8',
    1007,
    Buffer.concat([
      frame(OPCODE.TEXT, bytes('e2 82'), { fin: false }),
      frame(OPCODE.CONTINUATION, bytes('28')),
    ]),
  ],
  [
    'the head of a message of 300 kB, before the message',
    1009,
    bytes('81 ff 00 00 00 00 00 04 93 e0 00 00 00 00'),
  ],
  ['the head of a message of 8 EiB', 1009, bytes('81 ff 7f ff ff ff ff ff ff ff 00 00 00 00')],
  ['a binary frame', 4400, frame(OPCODE.BINARY, '{"type":"ping"}')],
  ['an empty binary frame', 4400, frame(OPCODE.BINARY)],
])('%s closes with %d', async (_what, code, broken) => {
  const socket = await connectRaw(api.port);
  socket.write(INIT);
  await heard(socket, 'connection_ack');
  socket.write(broken);
  expect(await socket.closed()).toMatchObject({ code });
  expect(texts(socket)).toHaveLength(1);
});

test.each<[string, number, Uint8Array]>([
  ['no code', 1005, frame(OPCODE.CLOSE)],
  ['1000', 1000, frame(OPCODE.CLOSE, bytes('03 e8'))],
  [
    '1001 and a reason',
    1001,
    frame(OPCODE.CLOSE, Buffer.concat([bytes('03 e9'), Buffer.from('going away')])),
  ],
  ['a code of its own', 4000, frame(OPCODE.CLOSE, bytes('0f a0'))],
])('a client that closes with %s is answered alike', async (_what, code, close) => {
  const socket = await connectRaw(api.port);
  socket.write(close);
  expect(await socket.closed()).toMatchObject({ code });
});

test('a message may come in fragments, with a ping of the WebSocket between', async () => {
  const socket = await connectRaw(api.port);
  socket.write(INIT);
  await heard(socket, 'connection_ack');
  socket.write(frame(OPCODE.TEXT, HELLO.slice(0, 20), { fin: false }));
  socket.write(frame(OPCODE.PING, 'between'));
  socket.write(frame(OPCODE.CONTINUATION, '', { fin: false }));
  socket.write(frame(OPCODE.CONTINUATION, HELLO.slice(20)));
  expect(await heard(socket, 'complete')).toEqual({ id: '1', type: 'complete' });
  expect(socket.frames.find(({ opcode }) => opcode === OPCODE.PONG)?.payload.toString()).toBe('between');
  socket.tcp.destroy();
});

test('messages may come byte by byte', async () => {
  const socket = await connectRaw(api.port);
  for (const byte of INIT) socket.write(Buffer.from([byte]));
  await heard(socket, 'connection_ack');
  for (const byte of textFrame(HELLO)) socket.write(Buffer.from([byte]));
  expect(await heard(socket, 'next')).toMatchObject({ id: '1', payload: { data: { hello: 'Hello world' } } });
  socket.tcp.destroy();
});

test('what follows a message that closes the socket is not run', async () => {
  const before = api.waiting();
  const socket = await connectRaw(api.port);
  socket.write(INIT);
  await heard(socket, 'connection_ack');
  const mutation = textFrame({ id: '1', type: 'subscribe', payload: { query: 'mutation { wait }' } });
  const subscription = textFrame({
    id: '2',
    type: 'subscribe',
    payload: { query: 'subscription { ticks }' },
  });
  socket.write(Buffer.concat([textFrame('nonsense'), mutation, subscription, PING]));
  expect(await socket.closed()).toMatchObject({ code: 4400 });
  await eventually(() => api.http.connectionCount === 0);
  expect(texts(socket)).toHaveLength(1);
  expect([api.waiting() - before, api.ticks.subscribers]).toEqual([0, 0]);
});

test.each([
  ['no sub-protocol', null],
  ['the sub-protocol of the library before', 'graphql-ws'],
  ['one that only looks like ours', 'Graphql-Transport-WS'],
])('with %s a socket opens without one and is closed with 4406', async (_what, protocol) => {
  const socket = await connectRaw(api.port, { protocol });
  socket.write(INIT);
  expect(await socket.closed()).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' });
  expect(socket.handshake).not.toMatch(/^sec-websocket-protocol:/im);
  expect(texts(socket)).toEqual([]);
});

test.each(['graphql-transport-ws', 'graphql-ws, graphql-transport-ws', 'mqtt,graphql-transport-ws,soap'])(
  'of the sub-protocols "%s" ours is taken',
  async (protocol) => {
    const socket = await connectRaw(api.port, { protocol });
    expect(socket.handshake).toMatch(/^sec-websocket-protocol: graphql-transport-ws\r$/im);
    socket.write(INIT);
    await heard(socket, 'connection_ack');
    socket.tcp.destroy();
  },
);

test.each([125, 126, 127, 65_535, 65_536])('a message of %d bytes arrives whole', async (length) => {
  const client = await connect(api);
  const messageOf = (text: string) => ({ type: 'pong', payload: { text } });
  const text = 'x'.repeat(length - JSON.stringify(messageOf('')).length);
  client.send({ type: 'ping', payload: { text } });
  await eventually(() => client.messages.length > 0);
  expect(client.messages).toEqual([messageOf(text)]);
  client.socket.close();
});

test('compression is offered and not taken', async () => {
  const headers = { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' };
  const socket = await connectRaw(api.port, { headers });
  expect(socket.handshake).toMatch(/^HTTP\/1\.1 101 /);
  expect(socket.handshake).not.toMatch(/^sec-websocket-extensions:/im);
  socket.tcp.destroy();
});

test.each<[string, number, Parameters<typeof connectRaw>[1]]>([
  ['another version of the WebSocket', 400, { headers: { 'sec-websocket-version': '7' } }],
  ['no key', 400, { headers: { 'sec-websocket-key': null } }],
  ['a key that is none', 400, { headers: { 'sec-websocket-key': 'short' } }],
  ['a sub-protocol named twice', 400, { protocol: 'graphql-transport-ws, graphql-transport-ws' }],
  ['another method than GET', 405, { method: 'POST' }],
  ['another path', 404, { path: '/graphqlx' }],
])('a handshake with %s is answered with %d', async (_what, status, options) => {
  const socket = await connectRaw(api.port, options);
  expect(await socket.closed()).toBeNull();
  expect(socket.handshake).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

test('every socket that ended is forgotten', async () => {
  await eventually(() => api.http.connectionCount === 0);
  expect(api.ticks.subscribers).toBe(0);
});
