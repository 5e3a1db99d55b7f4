import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { anApiServer } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';

const IDLE_MS = 2_000;
/** More than any system takes of what nobody reads. */
const BYTES = 1_000_000_000;

/** A server with one file, whose bytes come from there. */
async function aServerOf(bytes: Readable) {
  const path = `/media/${newId()}/1?expires=1&signature=any`;
  const api = await anApiServer({
    limits: { downloadIdleMs: IDLE_MS },
    files: {
      receive: async () => ({}),
      readExport: async () => null,
      readMedia: async () => ({
        contentType: 'video/mp4',
        fileName: 'film.mp4',
        byteSize: BYTES,
        sha256: createHash('sha256').digest(),
        isInline: true,
        open: async () => bytes,
      }),
    },
  });
  const line = () => eventually(() => api.lines.find((each) => String(each.path).startsWith('/media/')));
  return { api, path, line };
}

test('a download that nobody reads lets go of the file, and the log says so', async () => {
  const piece = Buffer.alloc(65_536);
  const bytes = new Readable({ read: () => void bytes.push(piece) });
  const { api, path, line } = await aServerOf(bytes);
  const tcp = connect(api.port, '127.0.0.1');
  tcp.on('error', () => {});
  tcp.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await once(tcp, 'readable');
  await eventually(() => bytes.destroyed);
  expect(await line()).toMatchObject({ level: 'info', status: 200, codes: ['SYS_003'] });
  tcp.destroy();
  await api.http.close();
});

test('a download of which nothing more comes from the storage ends, and is a fault', async () => {
  const bytes = new Readable({ read: () => {} });
  bytes.push('some of it');
  const { api, path, line } = await aServerOf(bytes);
  const response = await fetch(api.url + path);
  await expect(response.arrayBuffer()).rejects.toThrow();
  await eventually(() => bytes.destroyed);
  expect(await line()).toMatchObject({
    level: 'error',
    fault: { message: `no more of a file came from its storage for ${IDLE_MS} ms` },
  });
  await api.http.close();
});
