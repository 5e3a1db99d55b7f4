import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReadStream } from 'node:tty';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generalPoll, SYNC_POLL } from '../../../src/sas/codec/frame.ts';
import { SELECTED_METERS } from '../../../src/sas/codec/long-polls/selected-meters.ts';
import { encodeMarkedStream } from '../../../src/sas/codec/marked-stream.ts';
import { encodeRequest } from '../../../src/sas/codec/poll-table.ts';
import { type LineSymbol, messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { createEgm } from '../../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../../src/sas/simulator/floor.ts';
import { createPtyLine } from '../../../src/sas/simulator/pty-line.ts';
import { bytes, hexOf } from '../codec/hex.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pty-line-'));
  path = join(folder, 'lines', 'line-1');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const stream = (...messages: readonly Uint8Array[]): Uint8Array =>
  encodeMarkedStream(messages.flatMap((message) => messageSymbols(message)));

/** Opens the device as it is, without setting it up, and reads until so many bytes have come. */
function openDevice(device: string) {
  const fd = openSync(device, constants.O_RDWR | constants.O_NOCTTY);
  const reader = new ReadStream(fd);
  const arrived: number[] = [];
  const closed = new Promise<void>((resolve) => reader.once('close', () => resolve()));
  reader.on('error', () => reader.destroy());
  reader.on('data', (chunk: Buffer) => arrived.push(...chunk));
  return {
    write: (data: Uint8Array) => writeSync(fd, data),
    async take(count: number): Promise<string> {
      while (arrived.length < count) await once(reader, 'data');
      return hexOf(Uint8Array.from(arrived.splice(0, count)));
    },
    closed,
    close: () => reader.destroy(),
  };
}

const aLine = (addresses: readonly number[]) =>
  createSimulatedLine({
    egms: addresses.map((address) => createEgm({ address })),
    transport: { kind: 'PTY', path },
  });

describe('a line on a pseudo-terminal', () => {
  test('answers a general poll in the marked stream', async () => {
    await using line = await aLine([1]);
    const device = openDevice(line.address);
    device.write(stream(SYNC_POLL, generalPoll(1)));
    expect(await device.take(1)).toBe('17');
    device.write(stream(SYNC_POLL));
    device.write(stream(generalPoll(1)));
    expect(await device.take(1)).toBe('00');
    device.close();
    await device.closed;
  });

  test('carries every symbol both ways: nothing a terminal does is left on', async () => {
    await using line = await createPtyLine(path);
    const heard: (LineSymbol | 'error')[] = [];
    let count = 0;
    const all = Array.from({ length: 512 }, (_, symbol) => symbol);
    const allHeard = new Promise<void>((resolve) => {
      line.onSymbols((symbols) => {
        heard.push(...symbols);
        count += symbols.length;
        if (count >= all.length) resolve();
      });
    });
    const device = openDevice(path);
    const encoded = encodeMarkedStream(all);
    device.write(encoded);
    await allHeard;
    expect(heard).toEqual(all);
    line.send(all);
    expect(await device.take(encoded.length)).toBe(hexOf(encoded));
    device.close();
    await device.closed;
  });

  test('survives the host going away and coming back', async () => {
    await using line = await aLine([1]);
    for (let visit = 0; visit < 3; visit += 1) {
      const device = openDevice(path);
      device.write(stream(SYNC_POLL, encodeRequest(SELECTED_METERS, 1, { game: 0, codes: [0x00] })));
      expect(await device.take(12)).toMatch(/^01 2F 07 00 00 00 00 00 00 00 .. ..$/);
      device.close();
      await device.closed;
    }
    expect(existsSync(line.address)).toBe(true);
  });

  test('a host that does not read loses answers and blocks nobody', async () => {
    await using line = await createPtyLine(path);
    const device = await open(path, constants.O_RDWR | constants.O_NOCTTY);
    const answer = new Array<number>(260).fill(0x55);
    // It comes back from each: one that waited for a reader would wait forever.
    for (let sent = 0; sent < 2_000; sent += 1) line.send(answer);
    await device.close();
    const again = openDevice(path);
    let echoes = 0;
    const heard = new Promise<void>((resolve) => {
      line.onSymbols((symbols) => {
        echoes += symbols.length;
        resolve();
      });
    });
    again.write(bytes('01'));
    await heard;
    expect(echoes).toBe(1);
    again.close();
    await again.closed;
  });

  test('unplugging takes the device from the host; plugging in makes another behind the same link', async () => {
    await using line = await createPtyLine(path);
    const first = line.device;
    expect(readlinkSync(path)).toBe(first);
    const device = openDevice(path);
    await line.unplug();
    await device.closed;
    expect(existsSync(path)).toBe(false);
    expect(line.device).toBeNull();
    expect(() => line.send([0x01])).not.toThrow();

    // Somebody else may take the number in between: the link is what counts.
    await using other = await createPtyLine(join(folder, 'lines', 'line-2'));
    await line.plug();
    expect(readlinkSync(path)).toBe(line.device);
    expect(line.device).not.toBe(other.device);
    const heard = new Promise<readonly (LineSymbol | 'error')[]>((resolve) => line.onSymbols(resolve));
    const renewed = openDevice(path);
    renewed.write(stream(generalPoll(3)));
    expect(await heard).toEqual(messageSymbols(generalPoll(3)));
    renewed.close();
    await renewed.closed;
  });

  test('a child process started meanwhile does not keep the line plugged in', async () => {
    await using line = await createPtyLine(path);
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(child, 'spawn');
    const device = openDevice(path);
    await line.unplug();
    await device.closed;
    child.stdin.end();
    await once(child, 'close');
  });

  test('plugging twice and unplugging twice do no more than once', async () => {
    await using line = await createPtyLine(path);
    const first = line.device;
    await line.plug();
    expect(line.device).toBe(first);
    await Promise.all([line.unplug(), line.unplug(), line.plug()]);
    expect(readlinkSync(path)).toBe(line.device);
  });

  test('leaves no descriptor open, however often it is unplugged', async () => {
    await using line = await createPtyLine(path);
    const open = (): number => readdirSync('/dev/fd').length;
    const before = open();
    for (let time = 0; time < 10; time += 1) {
      await line.unplug();
      await line.plug();
    }
    expect(open()).toBe(before);
  });

  test('replaces a link that is left over, and nothing else', async () => {
    const first = await createPtyLine(path);
    await first[Symbol.asyncDispose]();
    symlinkSync('/dev/pts/nowhere', path);
    await using line = await createPtyLine(path);
    expect(readlinkSync(path)).toBe(line.device);

    const file = join(folder, 'precious');
    writeFileSync(file, 'data');
    await expect(createPtyLine(file)).rejects.toThrow(/in the way/);
    expect(lstatSync(file).isFile()).toBe(true);
  });

  test('closing it removes the link and lets the device go', async () => {
    const line = await createPtyLine(path);
    const device = line.device ?? '';
    const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
    await line[Symbol.asyncDispose]();
    expect(existsSync(path)).toBe(false);
    expect(() => writeSync(fd, bytes('01'))).toThrow(/EIO/);
    closeSync(fd);
    expect(existsSync(device)).toBe(false);
  });
});
