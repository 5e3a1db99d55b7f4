import { expect, test } from 'vitest';
import { isArchive, mediaTypeOf } from '../../src/signage/file-kind.ts';
import { cpuMsOf } from '../support/cpu-time.ts';
import { aPng, PDF, SVG } from '../support/uploads.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

test.each([
  ['image/png', aPng()],
  ['image/jpeg', hex('ffd8ffe0')],
  ['image/gif', Buffer.from('GIF89a')],
  ['image/webp', Buffer.from('RIFF\0\0\0\0WEBPVP8 ')],
  ['video/mp4', Buffer.from('\0\0\0\x20ftypisom\0\0\x02\0')],
  ['video/webm', hex('1a45dfa3 9f 4286 8101 42f7 8101 4282 84 7765626d')],
  ['application/pdf', PDF],
  ['image/svg+xml', SVG],
  [
    'image/svg+xml',
    Buffer.from('\uFEFF<?xml version="1.0"?>\n<!-- a --><!DOCTYPE svg PUBLIC "a" "b">\n<svg\n>'),
  ],
])('%s is told by its beginning', (type, head) => {
  expect(mediaTypeOf(head)).toBe(type);
});

test.each([
  ['HTML', Buffer.from('<html><svg>')],
  ['HTML that begins as XML does', Buffer.from('<?xml version="1.0"?><html xmlns="a"><svg>')],
  ['HTML behind a comment', Buffer.from('<!-- <svg> --><html>')],
  ['SVG that defines entities', Buffer.from('<!DOCTYPE svg [<!ENTITY a "b">]><svg>')],
  ['text', Buffer.from('svg')],
  ['Matroska', hex('1a45dfa3 9f 4282 88 6d6174726f736b61')],
  ['QuickTime', Buffer.from('\0\0\0\x20ftypqt  ')],
  ['AVIF', Buffer.from('\0\0\0\x20ftypavif')],
  ['PDF behind something else', Buffer.from('\n%PDF-1.7')],
  ['nothing', Buffer.alloc(0)],
])('%s is no medium', (_name, head) => {
  expect(mediaTypeOf(head)).toBeNull();
});

test('a long beginning of comments is looked at in no time', () => {
  const costMs = cpuMsOf(() => {
    expect(mediaTypeOf(Buffer.from('<!---->'.repeat(585)))).toBeNull();
    expect(mediaTypeOf(Buffer.from(`<!--${'-'.repeat(4_000)}`))).toBeNull();
  });
  expect(costMs).toBeLessThan(2_000);
});

test.each([
  ['ZIP', hex('504b0304')],
  ['an empty ZIP', hex('504b0506')],
  ['gzip', hex('1f8b08')],
  ['bzip2', Buffer.from('BZh9')],
  ['xz', hex('fd377a585a00')],
  ['zstd', hex('28b52ffd')],
  ['7-Zip', hex('377abcaf271c')],
  ['RAR', hex('526172211a0701')],
  ['tar', Buffer.concat([Buffer.alloc(257), Buffer.from('ustar')])],
])('%s is packed', (_name, head) => {
  expect(isArchive(head)).toBe(true);
  expect(mediaTypeOf(head)).toBeNull();
});

test.each([
  ['a PNG', aPng()],
  ['a program', hex('7f454c46')],
  ['an Intel HEX file', Buffer.from(':10010000214601360121470136007EFE09D2190140')],
  ['nothing', Buffer.alloc(0)],
])('%s is not', (_name, head) => {
  expect(isArchive(head)).toBe(false);
});
