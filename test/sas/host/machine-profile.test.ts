import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  type MachineProfiles,
  parseProfiles,
  stylesOf,
  suggestProfile,
  timingOf,
} from '../../../src/sas/host/machine-profile.ts';
import { MACHINE_PROFILES, STREAM_TIMING, UART_TIMING } from '../../../src/sas/host/profiles.ts';
import { WAKEUP_MODES } from '../../../src/sas/host/wakeup-mode.ts';
import { USUAL_STYLE } from '../../../src/sas/host/wire-format.ts';

const profile = (profiles: MachineProfiles, name: string) => profiles.get(name) ?? null;

test('a file changes what it names in a built-in profile, adds its own, and leaves the rest alone', () => {
  const profiles = parseProfiles(
    '{ "interblock": { "addressGapMs": 2 }, "our-roulette": { "parityMode": "EVEN", "title": "The one by the bar" } }',
  );
  expect(profiles.get('interblock')).toEqual({ ...MACHINE_PROFILES.get('interblock'), addressGapMs: 2 });
  expect(profiles.get('our-roulette')).toEqual({ parityMode: 'EVEN', title: 'The one by the bar' });
  expect(profiles.get('novomatic')).toBe(MACHINE_PROFILES.get('novomatic'));
  expect(profiles.size).toBe(MACHINE_PROFILES.size + 1);
});

test.each([
  ['{', /^no JSON: /],
  ['[]', /record/],
  ['{ "Our Roulette": {} }', /^Our Roulette: .*name such as my-cabinet/],
  ['{ "a": { "addressGapMs": 5 } }', /^a\.addressGapMs: takes 0 to 4$/],
  ['{ "a": { "paritySettleMs": -1 } }', /^a\.paritySettleMs: takes 0 to 4$/],
  ['{ "a": { "adapterLatencyMs": "20" } }', /^a\.adapterLatencyMs: /],
  ['{ "a": { "parityMode": "MARK" } }', /^a\.parityMode: takes NINTH_BIT, EVEN, TWO_STOP_BITS$/],
  ['{ "a": { "drain": "LATE" } }', /^a\.drain: takes DRIVER, TIMED$/],
  ['{ "a": { "aftFlags": 3 } }', /^a: .*aftFlags/],
  ['{ "a": { "suggestFor": [{}] } }', /^a\.suggestFor\.0: takes gameId/],
  ['{ "a": { "suggestFor": [{ "maker": "X" }] } }', /^a\.suggestFor\.0: .*maker/],
])('%s is refused in one line that says where', (json, line) => {
  expect(() => parseProfiles(json)).toThrow(line);
  expect(() => parseProfiles(json)).toThrow(/^[^\n]*$/);
});

test('every built-in profile would be taken from a file', () => {
  expect(parseProfiles(JSON.stringify(Object.fromEntries(MACHINE_PROFILES)))).toEqual(MACHINE_PROFILES);
});

test('what a machine needs comes before what its line needs, and that before SAS as it is written', () => {
  const { usual, byAddress } = stylesOf({
    line: { title: 'the adapter', paritySettleMs: 1 },
    machines: [
      { address: 1, profile: null },
      { address: 2, profile: profile(MACHINE_PROFILES, 'interblock') },
      { address: 3, profile: { title: 'patient', paritySettleMs: 2, parityMode: 'EVEN' } },
    ],
  });
  expect(usual).toEqual({ ...USUAL_STYLE, paritySettleMs: 1 });
  expect(byAddress).toEqual(
    new Map([
      [2, { ...USUAL_STYLE, addressGapMs: 3, paritySettleMs: 1 }],
      [3, { ...USUAL_STYLE, parityMode: 'EVEN', paritySettleMs: 2 }],
    ]),
  );
});

test('a machine has 20 ms and its adapter what the profile of the line says', () => {
  const line = { title: 'a quick adapter', adapterLatencyMs: 5 };
  expect(timingOf('PARITY', line)).toEqual({ ...UART_TIMING, responseTimeoutMs: 25, interByteGapMs: 10 });
  expect(timingOf('RFC2217', line)).toMatchObject({ responseTimeoutMs: 25 });
  expect(timingOf('EVEN_ODD', null)).toBe(UART_TIMING);
  expect(timingOf('RFC2217', null)).toBe(STREAM_TIMING);
  expect(UART_TIMING.responseTimeoutMs).toBe(20 + 20);
});

const SEEN = { gameId: 'NV', paytableId: 'NV0042', serialNumber: 'A-17', sasVersion: '602' };

test('a profile is suggested by what a machine says it is, the one that says most first', () => {
  const profiles = parseProfiles(
    JSON.stringify({
      novomatic: { suggestFor: [{ gameId: 'NV' }] },
      'novomatic-roulette': {
        parityMode: 'EVEN',
        addressGapMs: 2,
        suggestFor: [
          { gameId: 'NV', paytableId: 'NV00*' },
          { gameId: 'XX', serialNumber: 'A-*' },
        ],
      },
    }),
  );
  expect(suggestProfile(profiles, SEEN)).toBe('novomatic-roulette');
  expect(suggestProfile(profiles, { ...SEEN, paytableId: 'NV1000' })).toBe('novomatic');
  expect(suggestProfile(profiles, { ...SEEN, gameId: 'XX' })).toBe('novomatic-roulette');
  expect(suggestProfile(profiles, { ...SEEN, gameId: null })).toBeNull();
  expect(suggestProfile(MACHINE_PROFILES, SEEN)).toBeNull();
});

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const section = /^## Connecting a real machine\n(.*?)^## /ms.exec(README)?.[1] ?? '';

test('README explains every way of the ninth bit, every profile and every statistic, and its file is one', () => {
  const schema = readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8');
  const [, fields = ''] = /^type SasLineStatistics \{\n(.*?)^\}/ms.exec(schema) ?? [];
  const statistics = [...fields.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name);
  expect(statistics).toContain('longGaps');
  const names = [...WAKEUP_MODES, ...MACHINE_PROFILES.keys(), ...statistics];
  expect(names.filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
  const json = /^```json\n(.*?)^```$/ms.exec(section)?.[1] ?? '';
  expect(parseProfiles(json).get('our-roulette')).toMatchObject({ addressGapMs: 2 });
});
