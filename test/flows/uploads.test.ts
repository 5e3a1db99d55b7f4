import { chmod, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { diskStorage } from '../../src/signage/disk-storage.ts';
import { sweepFiles } from '../../src/signage/upload-jobs.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  type Announced,
  announcing,
  aPng,
  aStoredFile,
  filesOn,
  put,
  sha256Of,
  stage,
  uploaded,
} from '../support/uploads.ts';

const GIBIBYTE = 1_024 ** 3;
const folder = await temporaryFolder();
/** Finds what it looks for in the last file it was shown. */
const SCANNER = join(folder, 'scanner.sh');
await writeFile(
  SCANNER,
  '#!/bin/sh\ntest -n "$SECRET_KEY" && exit 3\ngrep -q EICAR "$1" && exit 1\ngrep -q CRASH "$1" && exit 2\ngrep -q SLOW "$1" && exec sleep 240\nexit 0\n',
);
await chmod(SCANNER, 0o700);

const floor = await aFloorApp({
  machines: 0,
  settings: {
    uploads: {
      folder: join(folder, 'uploads'),
      limits: { MEDIA: 5 * GIBIBYTE, FIRMWARE: 1_024 },
      scanner: [SCANNER],
    },
    storage: { kind: 'DISK', folder: join(folder, 'files') },
  },
});
const { db, runWork } = floor.app().services;
const onDisk = () => filesOn({ dataDir: folder });
/** As the job does every now and then. */
const sweep = () =>
  sweepFiles({ db, runWork, storage: diskStorage(join(folder, 'files')), folder: join(folder, 'uploads') });
/** The time of all that is there is over. */
async function sweepAll(): Promise<void> {
  await db
    .updateTable('stored_file')
    .set({ expires_at: new Date(0) })
    .execute();
  await sweep();
  await eventually(async () => (await rowsLeft()) === 0);
  expect(await onDisk()).toEqual([]);
}
const rowsLeft = async () => (await db.selectFrom('stored_file').select('status').execute()).length;

/** Whatever was refused left nothing. */
async function expectNothingLeft(): Promise<void> {
  await eventually(async () => (await rowsLeft()) === 0);
  expect(await onDisk()).toEqual([]);
}

const UPLOAD = `mutation ($input: UploadMediaInput!) { uploadMedia(input: $input) { __typename
  ... on UploadMediaSuccess { media { id name kind contentType byteSize sha256 width height revision version fileName tags } }
  ... on UploadRejectedError { code rejection } ... on Error { code } } }`;
const asMedium = async (token: string, as: 'OPERATOR' | 'FOREIGN_ADMIN' = 'OPERATOR') =>
  (
    await floor.ask(UPLOAD, {
      as,
      variables: { input: { uploadToken: token, name: 'Poster', tags: ['Bar', 'bar '] } },
    })
  ).data.uploadMedia;

/** A zip of one entry that unpacks to 10 MiB of nothing. */
function aZipBomb(): Buffer {
  const packed = deflateRawSync(Buffer.alloc(10 * 1_024 * 1_024));
  const head = Buffer.alloc(30);
  head.write('PK\x03\x04', 'latin1');
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(packed.length, 18);
  head.writeUInt32LE(10 * 1_024 * 1_024, 22);
  head.writeUInt16LE(1, 26);
  return Buffer.concat([head, Buffer.from('a'), packed]);
}

test('a file that is what was announced becomes a medium, and its token is worth nothing then', async () => {
  const bytes = aPng({ width: 640, height: 480 });
  const staged = await stage(floor, announcing(bytes, { sha256: sha256Of(bytes).toUpperCase() }));
  expect(staged.url).toMatch(new RegExp(`^${floor.app().url}/uploads/fwup_[A-Za-z0-9_-]{43}$`));
  expect(await asMedium(staged.uploadToken)).toMatchObject({ code: 'API_041', rejection: 'NOT_ARRIVED' });
  expect(await put(staged.url, bytes)).toEqual({
    status: 201,
    body: { contentType: 'image/png', byteSize: String(bytes.length), sha256: sha256Of(bytes) },
  });
  expect(await asMedium(staged.uploadToken, 'FOREIGN_ADMIN')).toMatchObject({ rejection: 'NOT_STAGED' });
  expect(await asMedium(staged.uploadToken)).toMatchObject({
    __typename: 'UploadMediaSuccess',
    media: {
      name: 'Poster',
      kind: 'IMAGE',
      contentType: 'image/png',
      byteSize: String(bytes.length),
      sha256: sha256Of(bytes),
      width: 640,
      height: 480,
      revision: 1,
      version: 1,
      fileName: 'poster.png',
      tags: ['bar'],
    },
  });
  expect(await asMedium(staged.uploadToken)).toMatchObject({ code: 'API_041', rejection: 'NOT_STAGED' });
  expect(await put(staged.url, bytes)).toMatchObject({
    status: 422,
    body: { errors: [{ extensions: { code: 'API_041', details: { rejection: 'NOT_STAGED' } } }] },
  });
  await sweep();
  expect(await onDisk()).toHaveLength(1);
  await sweepAll();
});

const png = aPng();
const unlike = (given: Partial<Announced>): Announced => announcing(png, given);

test.each([
  ['of more bytes than are taken', 'TOO_LARGE', unlike({ byteSize: String(10 * GIBIBYTE) })],
  ['of no bytes', 'TOO_LARGE', unlike({ byteSize: '0' })],
  ['of less than none', 'TOO_LARGE', unlike({ byteSize: '-1' })],
  ['with a path in its name', 'FILE_NAME', unlike({ fileName: '../../etc/cron.d/x.png' })],
  ['with a path of Windows in its name', 'FILE_NAME', unlike({ fileName: 'C:\\boot.png' })],
  ['that is called by dots', 'FILE_NAME', unlike({ fileName: '..' })],
  ['with a NUL in its name', 'FILE_NAME', unlike({ fileName: 'a\0.png' })],
  ['with a line in its name', 'FILE_NAME', unlike({ fileName: 'a\r\nSet-Cookie: b.png' })],
  ['with no name', 'FILE_NAME', unlike({ fileName: '' })],
  ['of HTML', 'CONTENT_TYPE', unlike({ contentType: 'text/html' })],
  ['of a zip', 'CONTENT_TYPE', unlike({ contentType: 'application/zip' })],
  ['of an object’s key', 'CONTENT_TYPE', unlike({ contentType: 'constructor' })],
  ['without a checksum', 'CHECKSUM_MISMATCH', unlike({ sha256: 'abc' })],
])('a file %s is refused before it is sent: %s', async (_what, rejection, announced) => {
  expect(await stage(floor, announced)).toMatchObject({
    __typename: 'UploadRejectedError',
    code: 'API_041',
    rejection,
  });
  await expectNothingLeft();
});

const entities = Buffer.from('<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>');
const html = Buffer.from('<!DOCTYPE html><html><script>alert(1)</script></html>');
const changed = Buffer.concat([png]);
changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;

test.each([
  ['another checksum', changed, announcing(png), 'CHECKSUM_MISMATCH'],
  ['fewer bytes', png.subarray(0, -1), announcing(png), 'SIZE_MISMATCH'],
  ['more bytes', Buffer.concat([png, png]), announcing(png), 'SIZE_MISMATCH'],
  ['HTML as a PNG', html, announcing(html), 'TYPE_MISMATCH'],
  ['HTML as SVG', html, announcing(html, { contentType: 'image/svg+xml' }), 'TYPE_MISMATCH'],
  ['a PNG as a JPEG', png, announcing(png, { contentType: 'image/jpeg' }), 'TYPE_MISMATCH'],
  ['a PNG as a video', png, announcing(png, { contentType: 'video/mp4' }), 'TYPE_MISMATCH'],
  ['a PNG without a size', png.subarray(0, 12), announcing(png.subarray(0, 12)), 'TYPE_MISMATCH'],
  ['an SVG with entities', entities, announcing(entities, { contentType: 'image/svg+xml' }), 'TYPE_MISMATCH'],
  ['a zip bomb as a PNG', aZipBomb(), announcing(aZipBomb()), 'ARCHIVE'],
  [
    'a zip bomb as firmware',
    aZipBomb().subarray(0, 1_000),
    announcing(aZipBomb().subarray(0, 1_000), {
      purpose: 'FIRMWARE',
      contentType: 'application/octet-stream',
    }),
    'ARCHIVE',
  ],
  [
    'a PNG that unpacks to 4 GiB',
    aPng({ width: 65_535, height: 65_535 }),
    announcing(aPng({ width: 65_535, height: 65_535 })),
    'TOO_MANY_PIXELS',
  ],
  [
    'what the scanner finds',
    Buffer.concat([png, Buffer.from('EICAR')]),
    announcing(Buffer.concat([png, Buffer.from('EICAR')])),
    'SCANNER',
  ],
])('%s is refused, and nothing is left of it', async (_what, bytes, announced, rejection) => {
  const staged = await stage(floor, announced, 'ADMIN');
  expect(await put(staged.url, bytes)).toMatchObject({
    status: 422,
    body: {
      errors: [
        {
          extensions: {
            code: 'API_041',
            retryable: false,
            details: { reason: 'UploadRejectedError', rejection },
          },
        },
      ],
    },
  });
  await expectNothingLeft();
  expect(await put(staged.url, png)).toMatchObject({ status: 422 });
});

test('a file that the scanner cannot scan is not taken, and nobody is told why', async () => {
  const bytes = Buffer.concat([png, Buffer.from('CRASH')]);
  const staged = await stage(floor, announcing(bytes));
  const answer = await put(staged.url, bytes);
  expect(answer.status).toBe(500);
  expect(answer.body.errors[0].extensions.code).toBe('SYS_001');
  await expectNothingLeft();
});

test('a packed body is refused as it is, and its upload goes on', async () => {
  const staged = await stage(floor, announcing(png));
  const headers = { 'content-encoding': 'gzip' };
  const response = await fetch(staged.url, { method: 'PUT', body: new Uint8Array(gzipSync(png)), headers });
  expect(response.status).toBe(415);
  expect(await put(staged.url, png)).toMatchObject({ status: 201 });
  await sweepAll();
});

/** Sends the beginning of a body, as long as its head says, and no more. */
async function beginning(
  url: string,
  { length, sent }: { readonly length: number; readonly sent: Uint8Array },
) {
  const sending = request(url, { method: 'PUT', headers: { 'content-length': length } });
  const answered = new Promise<number>((resolve) => {
    sending.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sending.on('error', () => resolve(0));
  });
  sending.write(sent);
  return { sending, answered };
}

test('of a file that breaks off after its beginning nothing is left', async () => {
  const length = 5 * GIBIBYTE;
  const staged = await stage(floor, announcing(png, { byteSize: String(length) }));
  const { sending, answered } = await beginning(staged.url, { length, sent: Buffer.alloc(1_048_576, 1) });
  await eventually(async () => (await onDisk()).some((name) => name.endsWith('.part')));
  sending.destroy();
  await answered;
  await expectNothingLeft();
});

test('10 GB where less was announced are refused before they come', async () => {
  const staged = await stage(floor, announcing(png));
  const { sending, answered } = await beginning(staged.url, { length: 10 * GIBIBYTE, sent: png });
  expect(await answered).toBe(422);
  sending.destroy();
  await expectNothingLeft();
});

test('one of two who send the same upload at once is refused', async () => {
  const bytes = aPng({ shade: 9 });
  const staged = await stage(floor, announcing(bytes));
  const answers = await Promise.all([put(staged.url, bytes), put(staged.url, bytes)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
  await sweepAll();
});

test('one of two who take the same upload at once is refused', async () => {
  const token = await aStoredFile(runWork, floor);
  const taken = await Promise.all([asMedium(token), asMedium(token)]);
  expect(taken.map(({ __typename }) => __typename).sort()).toEqual([
    'UploadMediaSuccess',
    'UploadRejectedError',
  ]);
});

test('firmware is uploaded by who may, and is no medium', async () => {
  const bytes = Buffer.from('firmware of a board');
  const announced = announcing(bytes, { purpose: 'FIRMWARE', contentType: 'application/octet-stream' });
  const { errors } = await floor.ask(
    'mutation ($input: StageUploadInput!) { stageUpload(input: $input) { __typename } }',
    { variables: { input: announced } },
  );
  expect(errors?.[0]?.extensions.code).toBe('AUTH_004');
  const staged = await stage(floor, announced, 'ADMIN');
  expect(await put(staged.url, bytes)).toMatchObject({ status: 201 });
  expect(await asMedium(staged.uploadToken)).toMatchObject({ rejection: 'NOT_STAGED' });
});

test('there is nothing to get where files are sent, and the log names no token', async () => {
  const { url } = await stage(floor, announcing(png));
  for (const method of ['GET', 'POST', 'DELETE']) expect((await fetch(url, { method })).status).toBe(404);
  expect((await fetch(`${floor.app().url}/uploads/none`, { method: 'PUT', body: 'x' })).status).toBe(422);
  expect(floor.logged()).toContain('/uploads/…');
});

test('a file that cannot be deleted keeps no other, and goes when it can', async () => {
  const tokens = await Promise.all([
    uploaded(floor, aPng({ shade: 51 })),
    uploaded(floor, aPng({ shade: 52 })),
  ]);
  expect(tokens).toHaveLength(2);
  const rows = await db.selectFrom('stored_file').select('id').where('status', '=', 'STORED').execute();
  const [stuck = ''] = rows.map(({ id }) => id).sort();
  await db
    .updateTable('stored_file')
    .set({ expires_at: new Date(0) })
    .execute();
  await db
    .updateTable('stored_file')
    .set({ expires_at: new Date(-1) })
    .where('id', '=', stuck)
    .execute();
  const disk = diskStorage(join(folder, 'files'));
  const storage: typeof disk = {
    ...disk,
    delete: (id, signal) => (id === stuck ? Promise.reject(new Error('held')) : disk.delete(id, signal)),
  };
  await expect(sweepFiles({ db, runWork, storage, folder: join(folder, 'uploads') })).rejects.toThrow('held');
  const left = await db.selectFrom('stored_file').select('id').execute();
  expect(left.filter(({ id }) => id !== stuck)).toEqual([]);
  await sweepAll();
});

test('who was sent half of a file when the server drains is not waited for', async () => {
  const bytes = Buffer.alloc(2_000_000, 3);
  const staged = await stage(floor, announcing(bytes));
  const { sending, answered } = await beginning(staged.url, {
    length: bytes.length,
    sent: bytes.subarray(0, 9),
  });
  const closed = new Promise((resolve) => sending.once('close', resolve));
  await eventually(async () => (await onDisk()).some((name) => name.endsWith('.part')));
  await floor.restart();
  await closed;
  expect(await answered).toBe(0);
  expect((await onDisk()).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(await uploaded(floor, aPng({ shade: 77 }))).toMatch(/^fwup_/);
});

test('a scanner that takes its time is not waited for when the server drains', async () => {
  const bytes = Buffer.concat([png, Buffer.from('SLOW')]);
  const staged = await stage(floor, announcing(bytes));
  const sent = put(staged.url, bytes).catch(() => null);
  await eventually(async () => {
    return (await onDisk()).some((name) => name.endsWith('.part'));
  });
  await floor.restart();
  await sent;
  expect((await onDisk()).filter((name) => name.endsWith('.part'))).toEqual([]);
});
