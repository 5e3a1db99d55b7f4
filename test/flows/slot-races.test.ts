import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Resource } from '../../src/booking/resource.ts';
import { createRandom, pick } from '../../src/sas/simulator/random.ts';
import { aFloorApp } from '../support/app.ts';
import { aResource } from '../support/booking.ts';
import { replayClaims } from '../support/claim-replay.ts';
import { eventually } from '../support/deadline.ts';
import { aWallet } from '../support/money.ts';
import { aCrowd, type ChosenSlot, type Contender, slotAt } from '../support/slot-crowd.ts';
import { playRound } from '../support/slot-rounds.ts';
import { report, sized } from '../support/soak.ts';

const SEED = Number(process.env.SLOT_SEED ?? sized({ test: 1, soak: Date.now() % 1_000_000 }));
const CROWD = sized({ test: 30, soak: 100 });
const ROUNDS = sized({ test: 2, soak: 100 });
const BUYERS = 50;
const PRICE_MINOR = 10_00n;
const HELD_AT_ONCE = sized({ test: 4, soak: 20 });
const SHORTEST_HOLD_SECONDS = 10;
/** What is promised; a machine that does much else is given more. */
const LATEST_MS = sized({ test: 30_000, soak: 2_000 });
const DEADLINE_MS = 120_000;
const TIMEOUT_MS = sized({ test: 240_000, soak: 3_600_000 });

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork, db } = floor.app().services;
const crowd = await aCrowd(floor, CROWD);

test('however many want a slot at once, by booking, holding or moving, as many have it as can, and the log says so', {
  timeout: TIMEOUT_MS,
}, async () => {
  report(`SLOT_SEED=${SEED}`);
  const random = createRandom(SEED);
  const resources = await Promise.all([1, 3].map((capacity) => aResource(runWork, { venueId, capacity })));
  const faults: string[] = [];
  for (let number = 0; number < ROUNDS; number += 1) {
    const resource = pick(random, [...resources.slice(0, 1), ...resources]);
    const { capacity } = resource;
    faults.push(...(await playRound(crowd, { slot: slotAt(resource, number), capacity, number, random })));
  }
  expect(faults, `SLOT_SEED=${SEED}`).toEqual([]);
  const replay = await replayClaims(db);
  expect(replay.faults, `SLOT_SEED=${SEED}`).toEqual([]);
  expect(replay.held).toBe(0);
  expect(replay.taken).toBeGreaterThan(ROUNDS);
  expect(await overlappingClaims()).toBe(0n);
  report(`${ROUNDS} rounds of ${CROWD}: slots were taken ${replay.taken} times`);
});

test('a hold is over neither before its time nor two seconds after it, whether or not somebody waits for it', {
  timeout: TIMEOUT_MS,
}, async () => {
  const resource = await aResource(runWork, { venueId });
  const wanted = Array.from({ length: HELD_AT_ONCE }, (_, index) => slotAt(resource, index));
  const seenFree = watchFree(wanted[0] as ChosenSlot);
  const ends = await Promise.all(
    wanted.map(async (slot, at) => {
      const [holder, stranger] = [at, at + 1].map((number) => crowd[number % CROWD] as Contender);
      const hold = await holder?.hold(slot, { expiresInSeconds: SHORTEST_HOLD_SECONDS });
      if (!hold?.expiresAt) throw new Error(`slot ${at} was not free`);
      const isWanted = at % 2 === 0;
      if (isWanted) await eventually(() => stranger?.book(slot), { deadlineMs: DEADLINE_MS });
      return { index: slot.index, expiresMs: hold.expiresAt.getTime(), isWanted };
    }),
  );
  for (const { index, expiresMs, isWanted } of ends) {
    const lateMs = (await seenFree(index)) - expiresMs;
    expect(lateMs, `slot ${index}`).toBeGreaterThanOrEqual(0);
    expect(lateMs, `slot ${index}`).toBeLessThan(LATEST_MS);
    report(
      `a hold that ${isWanted ? 'was waited for' : 'nobody waited for'} was seen to end ${lateMs} ms late`,
    );
  }
  // What has expired is not shown from then on, and told a little later where nobody wanted it.
  const delaysMs = await eventually(
    async () => {
      const { faults, expiries } = await replayClaims(db);
      expect(faults).toEqual([]);
      const own = expiries.filter(({ resourceId }) => resourceId === resource.id);
      return own.length === HELD_AT_ONCE && own.map(({ delayMs }) => delayMs);
    },
    { deadlineMs: DEADLINE_MS },
  );
  expect(Math.max(...delaysMs)).toBeLessThan(LATEST_MS);
});

describe(`${BUYERS} buyers want one slot, and each has the money for one`, () => {
  const buyers = crowd.slice(0, BUYERS);
  let resource: Resource;
  let hour = 0;
  beforeAll(async () => {
    resource = await aResource(runWork, { venueId, priceMinor: PRICE_MINOR });
    await Promise.all(
      buyers.map(({ userId }) => aWallet(runWork, { venueId, userId, balanceMinor: PRICE_MINOR })),
    );
  });

  const ways = {
    'by booking': () => false,
    'by holding it and its price': () => true,
    'either way': (at: number) => at % 2 === 1,
  } as const;

  test.each(Object.entries(ways))(
    '%s: one pays once and has it, and nothing of anybody else’s is held',
    {
      timeout: TIMEOUT_MS,
    },
    async (_name, isHolding) => {
      const slot = slotAt(resource, hour);
      hour += 1;
      const before = await moneyNow();
      const got = await Promise.all(
        buyers.map(async (buyer, at) => {
          if (!isHolding(at)) return { buyer, had: await buyer.book(slot) };
          const hold = await buyer.hold(slot, { holdPrice: true });
          return { buyer, had: hold && (await buyer.bookHeld(hold)) };
        }),
      );
      const winners = got.filter(({ had }) => had !== null);
      expect(winners).toHaveLength(1);
      const after = await moneyNow();
      expect(after).toEqual({
        ...before,
        fees: before.fees + 1n,
        inWallets: before.inWallets - PRICE_MINOR,
        held: 0n,
        holds: 0n,
      });
      const { data } = await floor.ask('{ ledgerCheck { balanced faults { kind } } }', { as: 'ADMIN' });
      expect(data.ledgerCheck).toEqual({ balanced: true, faults: [] });
      for (const { buyer, had } of winners) if (had) await buyer.letGo(had);
      expect((await moneyNow()).inWallets).toBe(before.inWallets);
    },
  );
});

/** How many claims share a seat for some time. */
async function overlappingClaims(): Promise<bigint | undefined> {
  const { rows } = await sql<{ count: bigint }>`select count(*) from slot_claim a join slot_claim b
    on a.id < b.id and a.resource_id = b.resource_id and a.starts_at < b.ends_at and b.starts_at < a.ends_at
    and a.first_seat <= b.last_seat and b.first_seat <= a.last_seat`.execute(db);
  return rows[0]?.count;
}

/** How often a price was taken, and what is in and claimed of all wallets. */
async function moneyNow() {
  const { rows } = await sql<Record<'fees' | 'inWallets' | 'held' | 'holds', bigint>>`
    select (select count(*) from ledger_transaction where kind = 'FEE') as fees,
      (select sum(balance)::bigint from ledger_account where kind = 'WALLET') as "inWallets",
      (select sum(held)::bigint from ledger_account) as held,
      (select count(*) from wallet_hold where state = 'PLACED')
        + (select count(*) from slot_hold where state = 'PLACED') as holds`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('there are no books');
  return row;
}

/** When each slot of a day that was held was first shown otherwise, in milliseconds of this machine's clock. */
function watchFree({ resourceId, date }: ChosenSlot): (index: number) => Promise<number> {
  const held = new Set<number>();
  const ended = new Map<number, number>();
  const query = `subscription ($resourceId: ID!, $date: LocalDate!) {
    slots(resourceId: $resourceId, date: $date) { slots { index state } } }`;
  floor
    .client('PLAYER')
    .subscribe<{ slots: { slots: readonly { readonly index: number; readonly state: string }[] } }>(
      { query, variables: { resourceId, date } },
      {
        next({ data }) {
          const nowMs = Date.now();
          for (const { index, state } of data?.slots.slots ?? [])
            if (state === 'HELD') held.add(index);
            else if (held.has(index) && !ended.has(index)) ended.set(index, nowMs);
        },
        error: (error) => {
          throw error;
        },
        complete() {},
      },
    );
  return (index) => eventually(() => ended.get(index), { deadlineMs: DEADLINE_MS });
}
