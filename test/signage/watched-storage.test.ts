import { expect, test } from 'vitest';
import { s3Storage, tryBucket } from '../../src/signage/s3-storage.ts';
import { watchStorage } from '../../src/signage/watched-storage.ts';
import { eventually } from '../support/deadline.ts';
import { startS3Server } from '../support/s3-server.ts';

test('a bucket whose objects nobody may list is seen to be back, and keeps nothing of the trial', async () => {
  await using s3 = await startS3Server({ mayList: false });
  const settings = {
    bucket: 'floor-files',
    region: 'eu-central-1',
    endpoint: s3.url,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'an-example-of-a-secret-key' },
  };
  const isThere = async () => (await tryBucket(settings, new AbortController().signal)) === null;
  const { storage, isFailing } = watchStorage(s3Storage(settings), isThere);
  expect(isFailing()).toBe(false);

  s3.refuseWith('ServiceUnavailable');
  await expect(storage.delete('a-file', new AbortController().signal)).rejects.toThrow('ServiceUnavailable');
  expect(isFailing()).toBe(true);

  s3.refuseWith('AccessDenied');
  const { length } = s3.requests;
  await eventually(() => isFailing() && s3.requests.length > length + 1);
  expect(isFailing()).toBe(true);

  s3.refuseWith(null);
  await eventually(() => !isFailing());
  expect(s3.objects.size).toBe(0);
});
