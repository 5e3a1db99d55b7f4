import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { makeOpaqueToken } from '../../src/auth/opaque-token.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Media } from '../../src/signage/media.ts';
import { uploadMedia } from '../../src/signage/media-service.ts';
import { createPlaylist } from '../../src/signage/playlist-service.ts';
import { UPLOAD_MARK, type UploadPurpose } from '../../src/signage/stored-file.ts';
import { beginArrival, endArrival } from '../../src/signage/stored-file-store.ts';
import { stageUpload } from '../../src/signage/upload-service.ts';
import type { RunWork } from '../../src/work.ts';
import type { FloorApp } from './app.ts';
import { noteSecrets } from './secrets.ts';

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A PNG of one colour that says it is so large; what unpacks is one line, however many it says. */
export function aPng({ width = 2, height = 2, shade = 0 } = {}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0], 8);
  const line = Buffer.alloc(width + 1, shade);
  line[0] = 0;
  const lines = Buffer.concat(Array.from({ length: Math.min(height, 4) }, () => line));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

export const SVG = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg"><script>fetch("https://evil.example")</script></svg>',
);

export const PDF = Buffer.from('%PDF-1.7\n%%EOF\n');

export interface Announced {
  readonly fileName: string;
  readonly contentType: string;
  readonly byteSize: string;
  readonly sha256: string;
  readonly purpose: UploadPurpose;
}

/** What is true of these bytes. */
export const announcing = (bytes: Uint8Array, given: Partial<Announced> = {}): Announced => ({
  fileName: 'poster.png',
  contentType: 'image/png',
  byteSize: String(bytes.length),
  sha256: sha256Of(bytes),
  purpose: 'MEDIA',
  ...given,
});

const STAGE = `mutation ($input: StageUploadInput!) { stageUpload(input: $input) { __typename
  ... on StageUploadSuccess { url uploadToken expiresAt }
  ... on UploadRejectedError { code rejection } ... on Error { code message } } }`;

/** What `stageUpload` answers; null to who may not. */
export async function stage(
  floor: FloorApp,
  announced: Announced,
  as: 'OPERATOR' | 'ADMIN' | 'PLAYER' = 'OPERATOR',
) {
  const { data } = await floor.ask(STAGE, { as, variables: { input: announced } });
  return data?.stageUpload ?? null;
}

export interface PutAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  readonly body: any;
}

export async function put(url: string, bytes: Uint8Array): Promise<PutAnswer> {
  const response = await fetch(url, { method: 'PUT', body: new Uint8Array(bytes) });
  return { status: response.status, body: await response.json() };
}

/** Uploads these bytes, and gives the token to take them with. */
export async function uploaded(
  floor: FloorApp,
  bytes: Uint8Array,
  given: Partial<Announced> = {},
): Promise<string> {
  const staged = await stage(floor, announcing(bytes, given));
  const answer = await put(staged.url, bytes);
  if (answer.status !== 201) throw new Error(`the upload was refused: ${JSON.stringify(answer.body)}`);
  return staged.uploadToken;
}

/** Every file below the folders for uploads and for what is kept. */
export async function filesOn({ dataDir }: Pick<FloorApp, 'dataDir'>): Promise<readonly string[]> {
  const found = await Promise.all(
    ['uploads', 'files'].map(async (folder) => {
      const entries = await readdir(join(dataDir, folder), { recursive: true, withFileTypes: true }).catch(
        () => [],
      );
      return entries.filter((entry) => entry.isFile()).map(({ name }) => `${folder}/${name}`);
    }),
  );
  return found.flat().sort();
}

/** A file that has come, as the tables know it; its bytes are nowhere. The token takes it. */
export async function aStoredFile(
  runWork: RunWork,
  {
    venueId,
    contentType = 'image/png',
    purpose = 'MEDIA',
  }: { readonly venueId: string; readonly contentType?: string; readonly purpose?: UploadPurpose },
): Promise<string> {
  const made = makeOpaqueToken(UPLOAD_MARK);
  noteSecrets({ uploadToken: made.token });
  const announced = {
    purpose,
    fileName: 'poster.png',
    contentType,
    byteSize: 1_234n,
    sha256: Buffer.alloc(32, 7),
  };
  await runWork(system('test'), async (work) => {
    const { file } = await stageUpload(work, { venueId, announced, made });
    const until = new Date(work.now.getTime() + 3_600_000);
    await beginArrival(work.tx, { tokenHash: made.hash, now: work.now, until });
    const pixels = contentType === 'image/png' ? { width: 640, height: 480 } : null;
    await endArrival(work.tx, file.id, { pixels, until });
  });
  return made.token;
}

/** A medium of such a file. */
export async function aMedium(
  runWork: RunWork,
  {
    venueId,
    contentType = 'image/png',
    name = `Poster ${newId()}`,
  }: { readonly venueId: string; readonly contentType?: string; readonly name?: string },
): Promise<Media> {
  const token = await aStoredFile(runWork, { venueId, contentType });
  return await runWork(system('test'), (work) => uploadMedia(work, { venueId, token, name, tags: [] }));
}

/** A medium, a playlist of it, and the token of a file that has come: by the names of their types. */
export async function someMedia(runWork: RunWork, venueId: string): Promise<Record<string, string>> {
  const { id: mediaId } = await aMedium(runWork, { venueId });
  const { id: playlistId } = await runWork(system('test'), (work) =>
    createPlaylist(work, { venueId, name: 'Entrance', items: [{ mediaId, durationSeconds: 5 }] }),
  );
  return {
    Media: encodeGlobalId('Media', mediaId),
    Playlist: encodeGlobalId('Playlist', playlistId),
    UploadToken: await aStoredFile(runWork, { venueId }),
  };
}
