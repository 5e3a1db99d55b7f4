import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { generalPoll, SYNC_POLL } from '../../../src/sas/codec/frame.ts';
import { encodeMarkedStream } from '../../../src/sas/codec/marked-stream.ts';
import { messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { createEgm } from '../../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../../src/sas/simulator/floor.ts';
import { createTcpLine } from '../../../src/sas/simulator/tcp-line.ts';
import { eventually } from '../../support/deadline.ts';
import { hexOf } from '../codec/hex.ts';

const ANSWER = new Array<number>(260).fill(0x55);
const ANSWERS = 100_000;
const LAST = 0x66;

const stream = (...messages: readonly Uint8Array[]): Uint8Array =>
  encodeMarkedStream(messages.flatMap((message) => messageSymbols(message)));

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

const next = async (socket: Socket): Promise<string> => hexOf((await once(socket, 'data'))[0] as Buffer);

describe('a line on a TCP port', () => {
  test('answers a general poll, one byte at a time too', async () => {
    await using line = await createSimulatedLine({
      egms: [createEgm({ address: 1 })],
      transport: { kind: 'TCP', port: 0 },
    });
    const socket = await dial(Number(new URL(line.address).port));
    socket.setNoDelay(true);
    for (const byte of stream(SYNC_POLL, generalPoll(1))) socket.write(Uint8Array.of(byte));
    expect(await next(socket)).toBe('17');
    socket.destroy();
  });

  test('unplugging closes the connection and the port; plugging in opens the same port', async () => {
    await using line = await createTcpLine();
    const { port } = line;
    const socket = await dial(port);
    await Promise.all([once(socket, 'close'), line.unplug()]);
    await expect(dial(port)).rejects.toThrow(/ECONNREFUSED/);
    await line.plug();
    expect(line.port).toBe(port);
    const again = await dial(port);
    const heard = new Promise((resolve) => line.onSymbols(resolve));
    again.write(stream(generalPoll(5)));
    expect(await heard).toEqual(messageSymbols(generalPoll(5)));
    again.destroy();
  });

  test('a new host takes the place of the one before', async () => {
    await using line = await createTcpLine();
    const first = await dial(line.port);
    const gone = once(first, 'close');
    const second = await dial(line.port);
    await gone;
    line.send([0x11]);
    expect(await next(second)).toBe('11');
    second.destroy();
  });

  test('a host that does not read loses answers instead of filling the memory', async () => {
    await using line = await createTcpLine();
    const socket = await dial(line.port);
    socket.pause();
    const spoken = new Promise((resolve) => line.onSymbols(resolve));
    socket.write(stream(generalPoll(1)));
    await spoken;
    // Many times what the kernel keeps of a connection, which is a few megabytes.
    for (let sent = 0; sent < ANSWERS; sent += 1) line.send(ANSWER);
    let heardBytes = 0;
    let isOver = false;
    socket.on('data', (chunk: Buffer) => {
      heardBytes += chunk.length;
      isOver = chunk.at(-1) === LAST;
    });
    socket.resume();
    // Bytes keep their order, so nothing of what was sent is still to come then.
    await eventually(() => {
      line.send([LAST]);
      return isOver;
    });
    expect(heardBytes).toBeLessThan((ANSWERS * ANSWER.length) / 2);
    socket.destroy();
  });

  test('a port that is taken is an error', async () => {
    await using line = await createTcpLine();
    await expect(createTcpLine(line.port)).rejects.toThrow(/EADDRINUSE/);
  });
});
