import { expect, test } from 'vitest';
import { s3Storage } from '../../src/signage/s3-storage.ts';
import { sweepFiles } from '../../src/signage/upload-jobs.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { afterEachFile } from '../support/each-file.ts';
import { startS3Server } from '../support/s3-server.ts';
import { announcing, aPng, put, stage, uploaded } from '../support/uploads.ts';

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

/** The lines of the log about a fault on such a path. */
const faultsOf = (path: string) =>
  floor
    .logged()
    .split('\n')
    .filter((line) => line.includes('"fault"') && line.includes(`"path":"${path}`))
    .map((line) => JSON.parse(line));

async function aMediumAt(): Promise<string> {
  const uploadToken = await uploaded(floor, bytes);
  const { data } = await floor.ask(
    `mutation ($input: UploadMediaInput!) { uploadMedia(input: $input) { ... on UploadMediaSuccess { media { url } } } }`,
    { variables: { input: { uploadToken, name: 'Poster' } } },
  );
  return data.uploadMedia.media.url;
}

test('a file whose bucket breaks off is a fault of the bucket in the log', async () => {
  const url = await aMediumAt();
  s3.breakOffAfter(16);
  const broken = await fetch(url);
  await expect(broken.arrayBuffer()).rejects.toThrow();
  s3.breakOffAfter(null);
  const [fault] = await eventually(() => {
    const faults = faultsOf('/media/');
    return faults.length > 0 && faults;
  });
  expect(fault).toMatchObject({
    codes: ['SYS_003'],
    fault: {
      type: 'StorageError',
      message: expect.stringContaining('the bucket floor-files: '),
      cause: { code: 'ECONNRESET' },
    },
  });
});

const healthOfFiles = async () => {
  const { checks } = await (await fetch(`${floor.app().url}/health`)).json();
  return checks.find(({ name }: { readonly name: string }) => name === 'files');
};

test('health tells that a bucket fails, and by itself that it does no more', async () => {
  expect(await healthOfFiles()).toMatchObject({ status: 'HEALTHY' });
  const staged = await stage(floor, announcing(bytes));
  s3.refuseWith('AccessDenied');
  expect((await put(staged.url, bytes)).status).toBe(500);
  expect(await healthOfFiles()).toMatchObject({ status: 'DEGRADED' });
  s3.refuseWith(null);
  await eventually(async () => (await healthOfFiles()).status === 'HEALTHY');
});

test('a file that its bucket did not take may be sent once more, and no more often', async () => {
  const staged = await stage(floor, announcing(bytes));
  s3.refuseWith('ServiceUnavailable');
  expect((await put(staged.url, bytes)).body.errors[0].extensions).toMatchObject({
    code: 'SYS_003',
    retryable: true,
  });
  s3.refuseWith(null);
  expect((await put(staged.url, bytes)).status).toBe(201);
  expect((await put(staged.url, bytes)).body.errors[0].extensions.code).toBe('API_041');
});

test('a bucket that is not there is no database that is not there: its cause is in the log', async () => {
  const url = await aMediumAt();
  const staged = await stage(floor, announcing(bytes));
  await s3[Symbol.asyncDispose]();

  const before = { read: faultsOf('/media/').length, sent: faultsOf('/uploads/').length };
  const read = await fetch(url);
  expect([read.status, await read.json()]).toMatchObject([
    504,
    {
      errors: [
        { extensions: { code: 'SYS_003', retryable: true, details: { reason: 'StorageUnavailableError' } } },
      ],
    },
  ]);
  const sent = await put(staged.url, bytes);
  expect([sent.status, sent.body.errors[0].extensions.code]).toEqual([504, 'SYS_003']);
  const since = () => [faultsOf('/media/').slice(before.read), faultsOf('/uploads/').slice(before.sent)];
  await eventually(() => since().every((faults) => faults.length > 0));
  for (const { fault } of since().flat())
    expect(fault).toMatchObject({
      type: 'StorageError',
      message: expect.stringMatching(/^the bucket floor-files: .*ECONNREFUSED/),
      cause: { code: 'ECONNREFUSED' },
    });
  // What nobody sent again by then is swept.
  await db
    .updateTable('stored_file')
    .set({ expires_at: new Date(0) })
    .where('status', '=', 'STAGED')
    .execute();
  await expect(
    sweepFiles({ db, runWork, storage: s3Storage(settings), folder: floor.dataDir }),
  ).rejects.toThrow(/^the bucket floor-files: .*ECONNREFUSED/);
});
