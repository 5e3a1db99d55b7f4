import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { download } from '../../src/player/download.ts';
import { volatileShelf } from '../../src/player/file-shelf.ts';
import { fastTimers } from '../support/fast-timers.ts';

const BYTES = Buffer.from('a poster of many colours');
const sha256 = createHash('sha256').update(BYTES).digest('hex');

const server = createServer((request, response) => {
  if (request.url === '/whole') return void response.end(BYTES);
  if (request.url === '/other') return void response.end(Buffer.alloc(BYTES.length));
  if (request.url === '/cut') {
    response.writeHead(200, { 'content-length': BYTES.length });
    return void response.write(BYTES.subarray(0, 3), () => response.destroy());
  }
  // What was begun, and what has no end.
  if (request.url === '/silent') return void response.write(BYTES.subarray(0, 3));
  if (request.url === '/endless') {
    const write = () => {
      while (response.write(BYTES));
    };
    response.on('drain', write);
    return write();
  }
  response.writeHead(404).end();
}).listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const { port } = server.address() as AddressInfo;
const shelf = volatileShelf();
const from = (path: string, signal = new AbortController().signal) =>
  download(
    { url: `http://127.0.0.1:${port}${path}`, sha256, byteSize: String(BYTES.length) },
    { fetch, shelf, timers: fastTimers(), signal },
  );

test.each([
  ['/missing', 'The server answered 404.', null],
  ['/other', 'Something else came.', expect.stringMatching(/^[0-9a-f]{64}$/)],
  ['/endless', 'Something else came.', expect.stringMatching(/^[0-9a-f]{64}$/)],
  ['/cut', 'terminated', null],
  ['/silent', 'Nothing more of it comes.', null],
])('a file from %s is not kept: %s', async (path, message, came) => {
  await expect(from(path)).rejects.toMatchObject({ name: 'DownloadError', message, sha256: came });
  expect(await shelf.look(sha256)).toBe('MISSING');
});

test('a file is given up when it is wanted no more', async () => {
  const leaving = new AbortController();
  const left = from('/silent', leaving.signal);
  leaving.abort();
  await expect(left).rejects.toMatchObject({ name: 'AbortError' });
});

test('a file that is what it shall be is kept', async () => {
  await from('/whole');
  expect(await shelf.look(sha256)).toBe('WHOLE');
});
