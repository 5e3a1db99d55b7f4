import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { between, createRandom, pick, type Random } from '../../src/sas/simulator/random.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { aDraft, aTextRegion } from '../support/layout.ts';
import { report, sized } from '../support/soak.ts';
import { transportsTo } from '../support/transports.ts';

/** Two who type into one layout at once, each without waiting for the other. */
const SEED = Number(process.env.EDITORS_SEED ?? sized({ test: 1, soak: Date.now() % 1_000_000 }));
/** The soak types for a minute. */
const SAVES = sized({ test: 30, soak: Number.POSITIVE_INFINITY });
const TYPING_MS = sized({ test: Number.POSITIVE_INFINITY, soak: 60_000 });
const REGIONS = Array.from({ length: 30 }, (_, at) => `region-${at}`);

const floor = await aFloorApp({ machines: 0 });
const { runWork } = floor.app().services;
const { venueId } = floor;
const { http, signIn } = transportsTo(floor);

const DRAFT = 'version regions { regionId content { ... on TextContent { text } } }';
const LAYOUT = `query ($id: ID!) { layout(id: $id) { ${DRAFT} } }`;
const UPDATE = `mutation ($input: UpdateLayoutInput!) { updateLayout(input: $input) { __typename ... on Error { code }
  ... on VersionConflictError { currentVersion currentLayout { ${DRAFT} } }
  ... on UpdateLayoutSuccess { layout { ${DRAFT} } } } }`;
const WATCH = `subscription ($layoutId: ID!) { layoutUpdates(layoutId: $layoutId) { ... on LayoutEdited {
  version skipped changedRegions { regionId content { ... on TextContent { text } } } layout { ${DRAFT} } } } }`;

interface Shown {
  readonly regionId: string;
  readonly content: { readonly text: string };
}

interface Draft {
  readonly version: number;
  readonly regions: readonly Shown[];
}

const textsOf = ({ regions }: Pick<Draft, 'regions'>): ReadonlyMap<string, string> =>
  new Map(regions.map(({ regionId, content }) => [regionId, content.text]));

interface Editor {
  /** What his words begin with. */
  readonly name: string;
  readonly token: string;
}

async function anEditor(name: string): Promise<Editor> {
  const { email } = await aUser(runWork, { venueId, roles: ['OPERATOR'] });
  return { name, token: (await signIn(email)).accessToken };
}

/** What an editor typed, in order, and what he was answered that is neither his save nor a conflict. */
interface Typed {
  readonly words: readonly { readonly word: string; readonly regionId: string }[];
  readonly conflicts: number;
  readonly faults: readonly unknown[];
}

/** Types words into regions of a layout; told of a conflict he types the word again, into what it is by then. */
async function typeInto(layoutId: string, { name, token }: Editor, random: Random): Promise<Typed> {
  let draft: Draft = (await http(LAYOUT, { token, variables: { id: layoutId } })).data.layout;
  const words: { word: string; regionId: string }[] = [];
  const faults: unknown[] = [];
  let conflicts = 0;
  const end = performance.now() + TYPING_MS;
  while (words.length < SAVES && performance.now() < end && faults.length === 0) {
    const typed = { word: `${name}${words.length}`, regionId: pick(random, REGIONS) };
    for (let isSaved = false; !isSaved && faults.length === 0; ) {
      const text = `${textsOf(draft).get(typed.regionId)} ${typed.word}`;
      const region = { regionId: typed.regionId, name: 'text', x: 0, y: 0, width: 1, height: 1 };
      const input = {
        layoutId,
        expectedVersion: draft.version,
        upsertRegions: [{ ...region, content: { text } }],
      };
      const { data, errors } = await http(UPDATE, { token, input });
      const answer = data?.updateLayout;
      isSaved = answer?.__typename === 'UpdateLayoutSuccess';
      const isConflict = answer?.__typename === 'VersionConflictError' && answer.code === 'API_003';
      const next: Draft | undefined = isSaved ? answer.layout : answer?.currentLayout;
      if (!(isSaved || isConflict) || !next || next.version <= draft.version) faults.push(errors ?? answer);
      else draft = next;
      if (isConflict) conflicts += 1;
    }
    words.push(typed);
  }
  return { words, conflicts, faults };
}

interface Edited {
  readonly version: number;
  readonly skipped: number;
  readonly changedRegions: readonly Shown[];
  readonly layout: Draft;
}

/** The draft as somebody has it who does nothing but apply what he is told. */
function applying(layoutId: string) {
  const texts = new Map<string, string>();
  let version = 0;
  const frames = floor.follow<{ layoutUpdates: Edited }>(WATCH, { variables: { layoutId } });
  return {
    texts,
    /** Once he has been told of this version. */
    async upTo(wanted: number): Promise<void> {
      while (version < wanted) {
        // Of who works on it he is told too: that is empty here.
        const { layoutUpdates: update } = await frames.until(
          ({ layoutUpdates }) => 'version' in layoutUpdates,
        );
        const regions = update.skipped > 0 ? update.layout.regions : update.changedRegions;
        for (const [regionId, text] of textsOf({ regions })) texts.set(regionId, text);
        version = update.version;
      }
      await frames.end();
    },
  };
}

test('of two who type into a layout at once no word is lost, and every conflict is said', {
  timeout: sized({ test: 240_000, soak: 600_000 }),
}, async () => {
  report(`EDITORS_SEED=${SEED}`);
  const random = createRandom(SEED);
  const { id } = await aDraft(runWork, { venueId, regions: REGIONS.map((each) => aTextRegion(each, '')) });
  const layoutId = encodeGlobalId('Layout', id);
  const editors = await Promise.all(['a', 'b'].map(anEditor));
  const reader = applying(layoutId);
  const typed = await Promise.all(
    editors.map((editor) => typeInto(layoutId, editor, createRandom(between(random, 0, 1_000_000)))),
  );
  expect(
    typed.flatMap(({ faults }) => faults),
    `EDITORS_SEED=${SEED}`,
  ).toEqual([]);

  const { data } = await floor.ask<{ layout: Draft }>(LAYOUT, { variables: { id: layoutId } });
  const texts = textsOf(data.layout);
  for (const { words } of typed) {
    const names = new Set(words.map(({ word }) => word));
    for (const regionId of REGIONS) {
      const kept = (texts.get(regionId) ?? '').split(' ').filter((word) => names.has(word));
      const wanted = words.filter((each) => each.regionId === regionId).map(({ word }) => word);
      expect(kept, `${regionId}, EDITORS_SEED=${SEED}`).toEqual(wanted);
    }
  }
  const saves = typed.reduce((sum, { words }) => sum + words.length, 0);
  const conflicts = typed.reduce((sum, each) => sum + each.conflicts, 0);
  expect(data.layout.version).toBe(1 + saves);
  // Otherwise they were never at it at once.
  expect(conflicts).toBeGreaterThan(0);
  report(`${saves} words of two editors, ${conflicts} conflicts`);

  await reader.upTo(data.layout.version);
  expect(reader.texts).toEqual(texts);
});
