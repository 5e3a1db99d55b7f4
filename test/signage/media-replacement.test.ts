import { expect, test } from 'vitest';
import { updateMedia } from '../../src/signage/media-service.ts';
import { createPlaylist } from '../../src/signage/playlist-service.ts';
import { createRunWork } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { seconds } from '../support/second.ts';
import { aMedium, aStoredFile } from '../support/uploads.ts';

/** Another file takes the place of one that playlists show. */

const { floor } = await cloneDatabase();
const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
const meanwhile = seconds(floor, runWork);
const { id: venueId } = await aVenue(runWork);

/** A video, and who puts it into a playlist for so long; null: to its end. */
async function aVideo() {
  const { id: mediaId } = await aMedium(runWork, { venueId, contentType: 'video/mp4' });
  const list = (durationSeconds: number | null) =>
    runWork(DESK, (work) =>
      createPlaylist(work, { venueId, name: 'Hall', items: [{ mediaId, durationSeconds }] }),
    );
  const replacement = async (contentType: string) => {
    const token = await aStoredFile(runWork, { venueId, contentType });
    return { venueId, mediaId, expectedVersion: 1, token };
  };
  return { mediaId, list, replacement };
}

const REFUSED = { name: 'ValidationError', field: ['uploadToken'] };

test.each([
  ['an image, which has no end of its own', 'image/png', null],
  ['a document, which no playlist shows', 'application/pdf', 10],
] as const)('a video of a playlist does not become %s', async (_what, contentType, durationSeconds) => {
  const { list, replacement } = await aVideo();
  await list(durationSeconds);
  const another = await replacement(contentType);
  await expect(runWork(DESK, (work) => updateMedia(work, another))).rejects.toMatchObject(REFUSED);
  // The file has come all the same, and can be something else.
  const other = await aVideo();
  const given = { ...another, mediaId: other.mediaId };
  expect(await runWork(DESK, (work) => updateMedia(work, given))).toMatchObject({ revision: 2 });
});

test('it becomes another video, and an image where each playlist says for how long', async () => {
  const { list, replacement } = await aVideo();
  await list(null);
  const video = await replacement('video/webm');
  expect(await runWork(DESK, (work) => updateMedia(work, video))).toMatchObject({ kind: 'VIDEO' });
  const timed = await aVideo();
  await timed.list(10);
  const image = await timed.replacement('image/png');
  expect(await runWork(DESK, (work) => updateMedia(work, image))).toMatchObject({ kind: 'IMAGE' });
});

test('of a playlist that takes a video in while it becomes an image, one of both is refused', async () => {
  const { list, replacement } = await aVideo();
  const image = await replacement('image/png');
  await expect(
    meanwhile(
      (work) => updateMedia(work, image),
      () => list(null),
    ),
  ).rejects.toMatchObject({ name: 'ValidationError', field: ['items', '0', 'duration'] });
});
