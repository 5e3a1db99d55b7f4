import { createHash, randomBytes } from 'node:crypto';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { s3Storage } from '../../src/signage/s3-storage.ts';
import type { LocalFile } from '../../src/signage/storage.ts';
import { startFileSweep, sweepFiles } from '../../src/signage/upload-jobs.ts';
import { aFloorApp } from '../support/app.ts';
import { exported, fetchExport } from '../support/bulk-export.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { afterEachFile } from '../support/each-file.ts';
import { startS3Server } from '../support/s3-server.ts';
import { announcing, aPng, filesOn, put, stage, uploaded } from '../support/uploads.ts';

const s3 = await startS3Server();
afterEachFile(() => s3[Symbol.asyncDispose]());
const settings = {
  bucket: 'floor-files',
  region: 'eu-central-1',
  endpoint: s3.url,
  credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'an-example-of-a-secret-key' },
};
const floor = await aFloorApp({ machines: 0, settings: { storage: { kind: 'S3', ...settings } } });
const { db, runWork } = floor.app().services;

const bytes = aPng({ width: 640, height: 480, shade: 3 });

test('files are kept in a bucket, fetched from it in parts, and deleted there', async () => {
  const uploadToken = await uploaded(floor, bytes);
  expect([...s3.objects]).toEqual([[expect.stringMatching(/^\/floor-files\/[0-9a-f-]{36}$/), bytes]]);
  expect(await filesOn(floor)).toEqual([]);
  const { data } = await floor.ask(
    `mutation ($input: UploadMediaInput!) { uploadMedia(input: $input) { ... on UploadMediaSuccess { media { id url } } } }`,
    { variables: { input: { uploadToken, name: 'Poster' } } },
  );
  const { id, url } = data.uploadMedia.media;
  const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
  expect(whole.equals(bytes)).toBe(true);
  const part = await fetch(url, { headers: { range: 'bytes=-4' } });
  expect(part.status).toBe(206);
  expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(-4))).toBe(true);

  await floor.ask('mutation ($input: DeleteMediaInput!) { deleteMedia(input: $input) { __typename } }', {
    variables: { input: { mediaId: id } },
  });
  await sweepFiles({ db, runWork, storage: s3Storage(settings), folder: floor.dataDir });
  expect(s3.objects.size).toBe(0);
  expect((await fetch(url)).status).toBe(404);
  for (const { authorization } of s3.requests)
    expect(authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request/,
    );
});

test('an export is kept in the bucket, and fetched from it in parts', async () => {
  const { url, byteCount } = await exported(floor, { as: 'ADMIN', kind: 'AUDIT_ENTRIES' });
  const text = await (await fetchExport(floor, url ?? '', { as: 'ADMIN' })).text();
  expect([...s3.objects.values()].map(String)).toEqual([text]);
  expect(Buffer.byteLength(text)).toBe(Number(byteCount));
  const headers = { range: 'bytes=-2' };
  const part = await fetchExport(floor, url ?? '', { as: 'ADMIN', headers });
  expect([part.status, await part.text()]).toEqual([206, '}\n']);

  await db.updateTable('bulk_export').set({ expires_at: new Date() }).execute();
  await eventually(async () => {
    await sweepFiles({ db, runWork, storage: s3Storage(settings), folder: floor.dataDir });
    return s3.objects.size === 0;
  });
});

test('a bucket that refuses is a fault of the server, and nothing is left of the file', async () => {
  const staged = await stage(floor, announcing(bytes));
  s3.refuseWith('AccessDenied');
  const answer = await put(staged.url, bytes);
  s3.refuseWith(null);
  expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([500, 'SYS_001']);
  expect(await filesOn(floor)).toEqual([]);
  // What could not be said to the bucket is said later.
  await sweepFiles({ db, runWork, storage: s3Storage(settings), folder: floor.dataDir });
  expect(await db.selectFrom('stored_file').select('id').execute()).toEqual([]);
  expect(floor.logged()).not.toContain(settings.credentials.secretAccessKey);
});

test('what is not in the bucket is not there, and is deleted without a word', async () => {
  const storage = s3Storage(settings);
  expect(await storage.read('missing')).toBeNull();
  await storage.delete('missing', new AbortController().signal);
});

/** A file of this computer, to be kept in the bucket. */
async function aFile(content: Buffer): Promise<LocalFile> {
  const path = join(floor.dataDir, 'to-keep');
  await writeFile(path, content);
  const sha256 = createHash('sha256').update(content).digest();
  return { path, byteSize: content.length, contentType: 'image/png', sha256 };
}

const never = new AbortController().signal;

test('a file gets through over a line that is as slow as one that files come by', async () => {
  const content = randomBytes(128 * 1_024);
  s3.takeSlowly(64 * 1_024);
  await s3Storage(settings, { answerMs: 200 }).put('slow', await aFile(content), never);
  s3.takeSlowly(null);
  expect(s3.objects.get('/floor-files/slow')?.equals(content)).toBe(true);
  await s3Storage(settings).delete('slow', never);
});

test.runIf(process.platform === 'linux')('a file that a bucket refuses does not stay open', async () => {
  const file = await aFile(randomBytes(4 * 1_024 ** 2));
  s3.refuseWith('AccessDenied');
  await expect(s3Storage(settings).put('refused', file, never)).rejects.toThrow(
    'the bucket floor-files: AccessDenied',
  );
  s3.refuseWith(null);
  await eventually(async () => !(await openFiles()).includes(file.path));
});

/** What the descriptors of this process lead to. */
async function openFiles(): Promise<readonly string[]> {
  const descriptors = await readdir('/proc/self/fd');
  return await Promise.all(
    descriptors.map((name) => readlink(join('/proc/self/fd', name)).catch(() => 'closed meanwhile')),
  );
}

test('a bucket that says nothing is waited for no longer than it may take to answer', async () => {
  const storage = s3Storage(settings);
  const hurried = s3Storage(settings, { answerMs: 200 });
  const file = await aFile(bytes);
  await storage.put('kept', file, never);
  s3.beSilent(true);
  for (const asked of [
    () => hurried.delete('kept', never),
    () => hurried.put('other', file, never),
    () => hurried.read('kept'),
  ])
    await expect(withDeadline<unknown>(asked(), 20_000, 'the storage')).rejects.toThrow(
      /floor-files: TimeoutError: not within \d+ ms/,
    );
  s3.beSilent(false);
  const read = await storage.read('kept');
  expect(read && Buffer.concat(await read.toArray()).equals(bytes)).toBe(true);
  await storage.delete('kept', never);
});

test('a sweep that waits for a bucket does not keep a server from stopping', async () => {
  await stage(floor, announcing(bytes));
  await db
    .updateTable('stored_file')
    .set({ expires_at: new Date(0) })
    .execute();
  s3.beSilent(true);
  const before = s3.requests.length;
  const sweep = startFileSweep({
    db,
    runWork,
    storage: s3Storage(settings),
    folder: floor.dataDir,
    onError: (error) => expect.unreachable(String(error)),
  });
  await eventually(() => s3.requests.length > before);
  await withDeadline(sweep[Symbol.asyncDispose](), 5_000, 'the end of the sweep');
  s3.beSilent(false);
});
