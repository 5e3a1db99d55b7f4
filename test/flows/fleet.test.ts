import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { configureJackpot } from '../../src/machine/jackpot-service.ts';
import type { DeviceIdentity } from '../../src/player/device-session.ts';
import { findDisplays } from '../../src/signage/display-store.ts';
import { createRunWork } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aDevice, aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { createFleet, type Sight } from '../support/fleet.ts';
import { aFreePort } from '../support/free-port.ts';
import { httpClient, signInOver } from '../support/http-client.ts';
import { aPublishedLayout } from '../support/layout.ts';
import { startMortalServer } from '../support/mortal-server.ts';
import { startRemoteFleet } from '../support/remote-fleet.ts';
import { liveRegions } from '../support/signage.ts';
import { isSoak, report, sized } from '../support/soak.ts';

const PLAYERS = sized({ test: 40, soak: 1_000 });
const PROCESSES = 10;
/** One of so many is switched off when something is pushed. */
const OFFLINE = 5;
const PATIENT = { deadlineMs: sized({ test: 120_000, soak: 600_000 }) };
/** After its commit, on a machine that does nothing else. */
const PUSHED_WITHIN_MS = 2_000;
const REPAINTED_WITHIN_MS = 500;

const { connection, floor } = await cloneDatabase();
const folder = await mkdtemp(join(tmpdir(), 'floorwire-fleet-'));
const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
const { id: venueId } = await aVenue(runWork, { slug: 'fleet' });
await aUser(runWork, { venueId, roles: ['OPERATOR'], username: 'operator' });
const server = await startMortalServer({
  DATABASE_URL: connection,
  DATA_DIR: folder,
  // All of them sign in from one address.
  LIMIT_CREDENTIALS_PER_ADDRESS: '1000000',
  // Players know where it is.
  PORT: String(await aFreePort()),
});
const url = `${server.url}/graphql`;
const token = await signInOver(server.url, { identifier: 'operator', password: PASSWORD });

/** What each player shows now, and since when. */
const shown = new Map<number, Sight>();
const onSight = (sight: Sight) => void shown.set(sight.player, sight);

const devices: { readonly id: string; readonly identity: DeviceIdentity }[] = [];
for (let count = 0; count < PLAYERS; count += 1) {
  const { id, ...credentials } = await aDevice(runWork, { venueId });
  devices.push({ id, identity: { venue: 'fleet', ...credentials } });
}
const deviceIds = devices.map(({ id }) => id);
const identities = devices.map(({ identity }) => identity);
const fleet = isSoak
  ? await startRemoteFleet({ url, identities, processes: PROCESSES, onSight })
  : createFleet({ url, identities, onSight });

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const everyone = devices.map((_, at) => at);
const offline = everyone.filter((at) => at % OFFLINE === 0);
const online = everyone.filter((at) => at % OFFLINE !== 0);
const nowMs = () => performance.timeOrigin + performance.now();

const PUSH = `mutation ($input: PushLayoutInput!) {
  pushLayout(input: $input) { __typename ... on Error { code message } }
}`;

const GROW = `mutation ($input: ConfigureJackpotInput!) { configureJackpot(input: $input) { __typename } }`;

/** Asks until the server answers: it may be away. Gives when it was asked for the time that was answered. */
async function pushed(layoutId: string): Promise<number> {
  const input = {
    layoutId: encodeGlobalId('Layout', layoutId),
    deviceIds: deviceIds.map((id) => encodeGlobalId('Device', id)),
  };
  let askedMs = 0;
  await eventually(async () => {
    askedMs = nowMs();
    const { body } = await httpClient(server.url).post(
      { query: PUSH, variables: { input } },
      { authorization: `Bearer ${token}` },
    );
    return body.data.pushLayout.__typename === 'PushLayoutSuccess';
  }, PATIENT);
  return askedMs;
}

/** Has it pass a thousand; gives when that was asked for. */
async function grown(jackpotId: string): Promise<number> {
  const askedMs = nowMs();
  const input = { jackpotId: encodeGlobalId('Jackpot', jackpotId), expectedVersion: 1, amount: '1000.00' };
  const { body } = await httpClient(server.url).post(
    { query: GROW, variables: { input } },
    { authorization: `Bearer ${token}` },
  );
  expect(body.data.configureJackpot.__typename).toBe('ConfigureJackpotSuccess');
  return askedMs;
}

const shows = (players: readonly number[], layout: string) =>
  eventually(() => players.every((player) => shown.get(player)?.layout === layout), PATIENT);
/** How long after an instant each of these players came to show what it shows, the longest last. */
const delaysOf = (players: readonly number[], sinceMs: number) =>
  players.map((player) => (shown.get(player)?.atMs ?? Number.NaN) - sinceMs).sort((a, b) => a - b);

function tell(what: string, delays: readonly number[]): void {
  const [half, last] = [delays[Math.floor(delays.length / 2)] ?? 0, delays.at(-1) ?? 0];
  report(`${what}: half of ${delays.length} within ${half.toFixed(0)} ms, all within ${last.toFixed(0)} ms`);
}

/** What is on record of all of them, once each says it shows what it shall. */
const upToDate = () =>
  eventually(async () => {
    const displays = await findDisplays(floor.db, venueId, deviceIds);
    const isDone = displays.every(({ applied, version }) => applied?.version === version);
    return displays.length === PLAYERS && isDone && displays;
  }, PATIENT);

test('every player shows what it shall, though some were off and the server was killed during the push', {
  timeout: sized({ test: 500_000, soak: 3_600_000 }),
}, async () => {
  const { id: jackpotId } = await runWork(DESK, (work) =>
    configureJackpot(work, {
      venueId,
      jackpotId: null,
      expectedVersion: null,
      name: 'Mystery',
      group: 1,
      level: 1,
      cents: 999_99n,
      resetCents: 0n,
    }),
  );
  const regions = liveRegions({ top: { kind: 'JACKPOT', jackpotId } });
  const [first, second] = [
    await aPublishedLayout(runWork, { venueId, name: 'First', regions }),
    await aPublishedLayout(runWork, { venueId, name: 'Second', regions }),
  ];
  await fleet.switchOn(everyone);
  await eventually(() => everyone.every((player) => shown.get(player)?.displayVersion === '0'), PATIENT);

  await fleet.switchOff(offline);
  const pushedMs = await pushed(first.id);
  await shows(online, 'First');
  const delays = delaysOf(online, pushedMs);
  tell('a push', delays);
  if (isSoak) expect(delays.at(-1)).toBeLessThan(PUSHED_WITHIN_MS);
  await fleet.switchOn(offline);
  await shows(offline, 'First');

  // At whichever moment of the push the kill falls: who asked and heard nothing asks again.
  const pushing = pushed(second.id);
  await server.kill();
  await pushing;
  await shows(everyone, 'Second');
  const displays = await upToDate();
  expect(displays.every(({ desired }) => desired?.layoutId === second.id)).toBe(true);
  expect(displays.filter(({ failed }) => failed !== null)).toEqual([]);

  await eventually(() => everyone.every((player) => shown.get(player)?.values.includes('$999.99')), PATIENT);
  const grownMs = await grown(jackpotId);
  await eventually(
    () => everyone.every((player) => shown.get(player)?.values.includes('$1,000.00')),
    PATIENT,
  );
  const repaints = delaysOf(everyone, grownMs);
  tell('a jackpot', repaints);
  if (isSoak) expect(repaints.at(-1)).toBeLessThan(REPAINTED_WITHIN_MS);
});
