import { expect, test } from 'vitest';
import { configureJackpot } from '../../src/machine/jackpot-service.ts';
import { aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { aSchedule } from '../support/schedule.ts';
import { aScreen } from '../support/screen.ts';
import { aLayout, aPush, liveRegions } from '../support/signage.ts';
import { isSoak, report, sized } from '../support/soak.ts';

const CROSSINGS = sized({ test: 4, soak: 60 });
/** On a machine that does nothing else. */
const WITHIN_MS = 500;
const THRESHOLD = 1_000_00n;

const floor = await aFloorApp({ machines: 0 });
const { runWork } = floor.app().services;
const { venueId } = floor;

const EFFECTIVE =
  'query ($deviceId: ID!) { effectiveLayout(deviceId: $deviceId) { cause reason layout { revision } } }';

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
type Update = any;

/** The longest. */
const worst = (delays: readonly number[]): number => Math.max(...delays);

test('a jackpot that crosses its threshold repaints its region and switches the layout on the stream of the screen, and effectiveLayout says why', async () => {
  const below = THRESHOLD - 1n;
  const { id: jackpotId } = await runWork(DESK, (work) =>
    configureJackpot(work, {
      ...{ venueId, jackpotId: null, expectedVersion: null },
      ...{ name: 'Mystery', group: 1, level: 1, cents: below, resetCents: 0n },
    }),
  );
  const regions = liveRegions({ pot: { kind: 'JACKPOT', jackpotId } });
  const usual = await aLayout(runWork, { venueId, regions });
  const winning = await aLayout(runWork, { venueId, regions });
  const screen = await aScreen(floor);
  await aPush(runWork, { venueId, deviceIds: [screen.deviceId] }, usual);
  const condition = { kind: 'JACKPOT', jackpotId, test: 'AT_LEAST', cents: THRESHOLD } as const;
  await aSchedule(runWork, { venueId, layoutId: winning.layoutId, name: 'Big', condition });
  const played = await screen.follow();
  await played.until(({ __typename }) => __typename === 'BoundValueChanged');

  const delays: Record<'repainted' | 'switched', number[]> = { repainted: [], switched: [] };
  for (let crossing = 1; crossing <= CROSSINGS; crossing += 1) {
    const isOver = crossing % 2 === 1;
    const cents = isOver ? THRESHOLD : below;
    const seen = played.updates().length;
    const startedMs = performance.now();
    await runWork(DESK, (work) =>
      configureJackpot(work, { venueId, jackpotId, expectedVersion: crossing, cents }),
    );
    const shows = async (what: keyof typeof delays, holds: (update: Update) => boolean) => {
      await played.until(holds, seen);
      delays[what].push(performance.now() - startedMs);
    };
    const amount = isOver ? '1000.00' : '999.99';
    const name = `Layout ${isOver ? winning.layoutId : usual.layoutId}`;
    await Promise.all([
      shows(
        'repainted',
        ({ regionIds, value }) => regionIds?.[0] === 'pot' && value?.amount.amount === amount,
      ),
      shows('switched', ({ layout }) => layout?.name === name),
    ]);
    const { data } = await floor.ask(EFFECTIVE, { variables: { deviceId: screen.globalId } });
    expect(data.effectiveLayout.cause).toBe(isOver ? 'SCHEDULE' : 'PUSH');
    if (isOver)
      expect(data.effectiveLayout.reason).toContain(
        'jackpot “Mystery” at least $1,000.00, and it stands at $1,000.00',
      );
  }
  played.off();
  report(
    `${CROSSINGS} crossings: repainted within ${worst(delays.repainted).toFixed(0)} ms, switched within ${worst(delays.switched).toFixed(0)} ms`,
  );
  if (isSoak) expect(worst([...delays.repainted, ...delays.switched])).toBeLessThan(WITHIN_MS);
});
