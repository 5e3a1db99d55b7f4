import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { cancelBooking } from '../../src/booking/booking-service.ts';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { AFT_FEATURES, heardOut } from '../support/aft.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { aBookingNow, aResource, DESK } from '../support/booking.ts';
import { eventually } from '../support/deadline.ts';
import { aWallet } from '../support/money.ts';

const CREDITS = 0x0c;
const WAIT = { deadlineMs: 60_000 };
const floor = await aFloorApp({
  machines: 1,
  egm: { settings: { assetNumber: 7, features: AFT_FEATURES, transferLimit: 50_000n } },
});
await floor.online();
const [machineId = ''] = floor.machineIds;
const [egm] = floor.egms;
if (!egm) throw new Error('no machine');
const { runWork, db } = floor.app().services;

const credits = (): bigint => egm.meters().get(CREDITS) ?? 0n;

async function aPurse(
  fields: { balanceMinor?: bigint; userId?: string; currency?: string } = {},
): Promise<string> {
  const { id } = await aWallet(runWork, { venueId: floor.venueId, balanceMinor: 100_000n, ...fields });
  return encodeGlobalId('Wallet', id);
}

const TRANSFER = `transfer { id state moved { amount } failure { code status } doubt hold { state }
  transaction { kind amount { amount } } cancelRequestedAt resolveReason }`;

async function mutate(name: string, input: Record<string, unknown>, as: Asker) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const { data, errors } = await floor.ask(
    `mutation ($input: ${type}Input!) { answer: ${name}(input: $input) {
      __typename ... on ${type}Success { success ${TRANSFER} } ... on Error { code message retryable } } }`,
    { as, variables: { input } },
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data.answer;
}

const start = (input: Record<string, unknown>, as: Asker = 'ADMIN') =>
  mutate(
    'startAftTransfer',
    {
      idempotencyKey: newId(),
      machineId,
      direction: 'TO_MACHINE',
      amount: '20.00',
      currency: 'USD',
      ...input,
    },
    as,
  );

/** A machine that was silent may be busy with what it has to say first: it is asked anew, by another key. */
const started = (input: Record<string, unknown>, as?: Asker) =>
  eventually(async () => {
    const answer = await start(input, as);
    return ['SAS_002', 'SAS_004'].includes(answer.code) ? false : answer;
  }, WAIT);

/** Ordered, and not waited for: its id, once it is on record in this state, and what who ordered it will be told. */
const ordered = (input: { readonly walletId: string; readonly [term: string]: unknown }, state: string) =>
  eventually(async () => {
    const before = await lastOf(input.walletId);
    let isOver = false;
    const answer = start(input).finally(() => {
      isOver = true;
    });
    // What is wrong with it is said by the caller's wait for it.
    answer.catch(() => {});
    const last = await eventually(async () => {
      const now = await lastOf(input.walletId);
      return isOver || (now?.state === state && now.id !== before?.id && now);
    }, WAIT);
    // As with `started`.
    if (last === true) throw new Error(`it is over: ${JSON.stringify(await answer)}`);
    return { id: last.id as string, answer };
  }, WAIT);

/** The machine has done it. */
const isOnMachine = (wanted: bigint) => eventually(() => credits() === wanted, WAIT);

async function moneyOf(walletId: string): Promise<readonly string[]> {
  const { data } = await floor.ask(
    'query ($id: ID!) { wallet(id: $id) { posted { amount } held { amount } } }',
    { as: 'ADMIN', variables: { id: walletId } },
  );
  return [data.wallet.posted.amount, data.wallet.held.amount];
}

async function lastOf(walletId: string) {
  const { data } = await floor.ask(
    `query ($id: ID!) { aftTransfers(walletId: $id, first: 1) { nodes { id state doubt version failure { code status } } } }`,
    { as: 'ADMIN', variables: { id: walletId } },
  );
  return data.aftTransfers.nodes[0];
}

const settled = (walletId: string) =>
  eventually(async () => (await lastOf(walletId)).state === 'SETTLED', WAIT);

/** Nothing the machine says of transfers arrives. */
const dropTransfers = () => floor.disturb((answer) => (answer[1] === 0x72 ? [] : answer));

test('money goes from a wallet onto a machine and back, and both have it once', async () => {
  const walletId = await aPurse();
  const before = credits();
  expect(await start({ walletId })).toMatchObject({
    success: true,
    transfer: {
      state: 'SETTLED',
      moved: { amount: '20.00' },
      hold: { state: 'CAPTURED' },
      transaction: { kind: 'AFT_TO_MACHINE', amount: { amount: '20.00' } },
    },
  });
  expect(credits() - before).toBe(2_000n);
  expect(await moneyOf(walletId)).toEqual(['980.00', '0.00']);

  expect(await start({ walletId, direction: 'FROM_MACHINE', amount: '15.50' })).toMatchObject({
    transfer: {
      state: 'SETTLED',
      moved: { amount: '15.50' },
      hold: null,
      transaction: { kind: 'AFT_FROM_MACHINE' },
    },
  });
  expect(credits() - before).toBe(450n);
  expect(await moneyOf(walletId)).toEqual(['995.50', '0.00']);
});

test('asked for twice at once by one key it moves once, and another request by that key is refused', async () => {
  const walletId = await aPurse();
  const before = credits();
  const idempotencyKey = newId();
  const both = await Promise.all([start({ walletId, idempotencyKey }), start({ walletId, idempotencyKey })]);
  expect(both.map(({ transfer }) => transfer.state)).toEqual(['SETTLED', 'SETTLED']);
  expect(new Set(both.map(({ transfer }) => transfer.id)).size).toBe(1);
  expect(credits() - before).toBe(2_000n);
  expect(await start({ walletId, idempotencyKey, amount: '20.01' })).toMatchObject({ code: 'API_004' });
});

test('a wallet that has less holds nothing, and the key stays refused', async () => {
  const walletId = await aPurse({ balanceMinor: 1_000n });
  const idempotencyKey = newId();
  expect(await start({ walletId, idempotencyKey })).toMatchObject({ code: 'API_020' });
  await aPurse({ balanceMinor: 1n });
  expect(await start({ walletId, idempotencyKey })).toMatchObject({ code: 'API_020' });
  expect(await moneyOf(walletId)).toEqual(['10.00', '0.00']);
});

test('what a machine refuses moves nothing, and says why', async () => {
  const walletId = await aPurse();
  const before = credits();
  expect(await start({ walletId, amount: '500.01' })).toMatchObject({ code: 'SAS_009' });
  expect(await start({ walletId, direction: 'FROM_MACHINE', amount: '400.00' })).toMatchObject({
    code: 'SAS_006',
  });
  egm.openDoor();
  expect(await start({ walletId })).toMatchObject({ code: 'SAS_004' });
  egm.closeDoor();
  expect(await lastOf(walletId)).toMatchObject({
    state: 'REJECTED',
    failure: { code: 'SAS_004', status: 'NOT_NOW' },
  });
  floor.disturb((answer) => (answer[1] === 0x74 ? [] : answer));
  expect(await start({ walletId })).toMatchObject({ code: 'SAS_005' });
  floor.disturb(null);
  expect(credits()).toBe(before);
  expect(await moneyOf(walletId)).toEqual(['1000.00', '0.00']);
});

test('what the machine refused of a transfer stays refused by its key, and says that to repeat it is no use', async () => {
  const walletId = await aPurse();
  const idempotencyKey = newId();
  egm.openDoor();
  const refused = await start({ walletId, idempotencyKey });
  egm.closeDoor();
  expect(refused).toMatchObject({ code: 'SAS_004', retryable: false });
  expect(await start({ walletId, idempotencyKey })).toEqual(refused);
  expect(await started({ walletId })).toMatchObject({ transfer: { state: 'SETTLED' } });
});

test('part of it moves where that is allowed', async () => {
  const walletId = await aPurse();
  const onMachine = credits();
  expect(
    await start({ walletId, direction: 'FROM_MACHINE', amount: '400.00', allowPartial: true }),
  ).toMatchObject({ transfer: { state: 'PARTIALLY_SETTLED' } });
  expect(credits()).toBe(0n);
  const [posted] = await moneyOf(walletId);
  expect(posted).toBe(`${1_000n + onMachine / 100n}.${String(onMachine % 100n).padStart(2, '0')}`);
});

test('while a game runs it is pending, the machine takes no other, and each step is told once', async () => {
  const walletId = await aPurse();
  await start({ walletId });
  const after = await floor.cursor();
  const steps = floor.follow(
    `subscription ($machineId: ID!, $after: Cursor!) { aftTransfers(machineId: $machineId, after: $after) {
      state version wallet { id } cursor } }`,
    { as: 'ADMIN', variables: { machineId, after } },
  );
  egm.startGame({ wager: 10n, win: 10n });
  const { answer } = await ordered({ walletId, amount: '1.00' }, 'PENDING_ON_MACHINE');
  expect(await moneyOf(walletId)).toEqual(['980.00', '1.00']);
  expect(await start({ walletId, amount: '2.00' })).toMatchObject({ code: 'SAS_004' });
  egm.endGame();
  const told = [];
  do told.push((await steps.next()).aftTransfers);
  while (told.at(-1).state !== 'SETTLED');
  expect(told.map(({ state, version }) => [state, version])).toEqual([
    ['FUNDS_HELD', 1],
    ['SENT', 2],
    ['PENDING_ON_MACHINE', 3],
    ['SETTLED', 4],
  ]);
  expect(told.every(({ wallet }) => wallet.id === walletId)).toBe(true);
  await steps.end();
  expect(await answer).toMatchObject({ transfer: { state: 'SETTLED' } });
  expect(await moneyOf(walletId)).toEqual(['979.00', '0.00']);
});

test('nobody frees or spends what is on its way to a machine', async () => {
  const { data } = await floor.ask('{ viewer { user { id } } }', { as: 'PLAYER' });
  const walletId = await aPurse({ userId: decodeIdOf('User', data.viewer.user.id) });
  egm.startGame({ wager: 10n, win: 10n });
  const { answer } = await ordered({ walletId }, 'PENDING_ON_MACHINE');
  const { data: held } = await floor.ask(
    'query ($id: ID!) { wallet(id: $id) { holds(states: [PLACED]) { nodes { id purpose } } } }',
    { as: 'PLAYER', variables: { id: walletId } },
  );
  const [hold, ...others] = held.wallet.holds.nodes;
  expect([hold.purpose, others]).toEqual(['AFT', []]);
  const end = async (mutation: string, as: Asker) => {
    const key = `idempotencyKey: "${newId()}", holdId: "${hold.id}"`;
    const { data: ended } = await floor.ask(
      `mutation { answer: ${mutation.replace('KEYED', key)} { __typename ... on Error { code } } }`,
      { as },
    );
    return ended.answer;
  };
  for (const as of ['PLAYER', 'ADMIN'] as const)
    for (const mutation of [
      'voidWalletHold(input: { KEYED })',
      'captureWalletHold(input: { KEYED, kind: WITHDRAWAL, currency: "USD" })',
    ])
      expect(await end(mutation, as)).toEqual({ __typename: 'ValidationError', code: 'API_001' });
  expect(await moneyOf(walletId)).toEqual(['1000.00', '20.00']);
  egm.endGame();
  expect(await answer).toMatchObject({ transfer: { state: 'SETTLED', hold: { state: 'CAPTURED' } } });
  expect(await moneyOf(walletId)).toEqual(['980.00', '0.00']);
});

test('one that is pending can be cancelled, and its money is free again', async () => {
  const walletId = await aPurse();
  await start({ walletId });
  const before = credits();
  egm.startGame({ wager: 10n, win: 10n });
  const { id: transferId } = await ordered({ walletId }, 'PENDING_ON_MACHINE');
  expect(await mutate('cancelAftTransfer', { transferId }, 'ADMIN')).toMatchObject({
    transfer: { state: 'CANCELLED', failure: null, hold: { state: 'VOIDED' }, transaction: null },
  });
  egm.endGame();
  expect(credits()).toBe(before);
  expect(await moneyOf(walletId)).toEqual(['980.00', '0.00']);
});

test.each(['TO_MACHINE', 'FROM_MACHINE'])(
  'an answer that is lost is asked for until it comes: %s moves once',
  async (direction) => {
    const walletId = await aPurse();
    await start({ walletId });
    const before = credits();
    const after = before + (direction === 'TO_MACHINE' ? 500n : -500n);
    dropTransfers();
    const { answer } = await ordered({ walletId, direction, amount: '5.00' }, 'SENT');
    await isOnMachine(after);
    floor.disturb(null);
    expect(await answer).toMatchObject({ transfer: { state: 'SETTLED' } });
    expect(credits()).toBe(after);
    expect(await moneyOf(walletId)).toEqual([direction === 'TO_MACHINE' ? '975.00' : '985.00', '0.00']);
  },
);

/** As if a minute had gone by since the last that was heard of it. */
async function doubted(walletId: string): Promise<string> {
  dropTransfers();
  const before = credits();
  const { id } = await ordered({ walletId, amount: '5.00' }, 'SENT');
  await isOnMachine(before + 500n);
  await db
    .updateTable('aft_transfer')
    .set({ changed_at: new Date(Date.now() - 61_000) })
    .where('id', '=', decodeIdOf('AftTransfer', id))
    .execute();
  await eventually(async () => (await lastOf(walletId)).state === 'IN_DOUBT', WAIT);
  return id;
}

test('one that nothing is heard of is in doubt and stops others, until the machine says what became of it', async () => {
  const walletId = await aPurse();
  await doubted(walletId);
  expect(await lastOf(walletId)).toMatchObject({ state: 'IN_DOUBT', doubt: 'NO_ANSWER' });
  expect(await moneyOf(walletId)).toEqual(['1000.00', '5.00']);
  expect(await start({ walletId })).toMatchObject({ code: 'SAS_007' });
  floor.disturb(null);
  await settled(walletId);
  expect(await moneyOf(walletId)).toEqual(['995.00', '0.00']);
});

test('who may post says what became of one in doubt, once, and that is booked', async () => {
  const walletId = await aPurse();
  const transferId = await doubted(walletId);
  const input = { transferId, idempotencyKey: newId(), outcome: 'SETTLED', reason: 'seen on its display' };
  const some = { amount: '5.01', currency: 'USD' };
  expect(await mutate('resolveAftTransfer', { ...input, ...some }, 'ADMIN')).toMatchObject({
    code: 'API_001',
  });
  for (const _ of [1, 2])
    expect(await mutate('resolveAftTransfer', input, 'OPERATOR_WITH_GRANTS')).toMatchObject({
      transfer: {
        state: 'MANUALLY_RESOLVED',
        moved: { amount: '5.00' },
        doubt: 'NO_ANSWER',
        resolveReason: 'seen on its display',
      },
    });
  expect(await mutate('resolveAftTransfer', { ...input, idempotencyKey: newId() }, 'ADMIN')).toMatchObject({
    code: 'API_001',
  });
  await heardOut(floor);
  expect(await start({ walletId, amount: '1.00' })).toMatchObject({ transfer: { state: 'SETTLED' } });
  expect(await moneyOf(walletId)).toEqual(['994.00', '0.00']);
});

test('how a person knows what became of one is told to who oversees wallets, and not to whose it is', async () => {
  const { data } = await floor.ask('{ viewer { user { id } } }', { as: 'PLAYER' });
  const walletId = await aPurse({ userId: decodeIdOf('User', data.viewer.user.id) });
  const after = await floor.cursor();
  const RESOLVED = 'id state resolveReason resolvedBy { kind id }';
  const follow = (as: Asker) =>
    floor.follow(`subscription ($after: Cursor) { aftTransfers(after: $after) { ${RESOLVED} } }`, {
      as,
      variables: { after },
    });
  const [own, all] = [follow('PLAYER'), follow('OPERATOR')];
  // What hangs on it is for whoever sees it, and nobody's own where several share what they are shown.
  const deep = floor.follow(
    'subscription ($after: Cursor) { aftTransfers(after: $after) { state wallet { id available { amount } } hold { state } transaction { kind entries { houseAccount balanceAfter { amount } wallet { id } } } } }',
    { as: 'OPERATOR', variables: { after } },
  );
  const transferId = await doubted(walletId);
  const input = { transferId, idempotencyKey: newId(), outcome: 'SETTLED', reason: 'the player is drunk' };
  await mutate('resolveAftTransfer', input, 'ADMIN');
  await heardOut(floor);
  const resolved = { id: transferId, state: 'MANUALLY_RESOLVED' };
  const nameless = { ...resolved, resolveReason: null, resolvedBy: { kind: 'USER', id: null } };
  const whole = { ...resolved, resolveReason: 'the player is drunk', resolvedBy: expect.any(Object) };
  const shown = async (as: Asker) =>
    (
      await floor.ask(`{ aftTransfers(states: [MANUALLY_RESOLVED], first: 1) { nodes { ${RESOLVED} } } }`, {
        as,
      })
    ).data.aftTransfers.nodes[0];
  expect(await shown('PLAYER')).toEqual(nameless);
  expect(await shown('AUDITOR')).toEqual(whole);
  const last = (frames: typeof own) =>
    frames.until(({ aftTransfers }) => aftTransfers.state === resolved.state);
  expect((await last(own)).aftTransfers).toEqual(nameless);
  expect((await last(all)).aftTransfers).toEqual(whole);
  expect(await last(deep)).toMatchObject({
    aftTransfers: {
      wallet: { id: walletId },
      hold: { state: 'CAPTURED' },
      transaction: { kind: 'AFT_TO_MACHINE' },
    },
  });
  await own.end();
  await all.end();
  await deep.end();
});

test('a machine that says later that it did what a person said it did not is on record once, and nothing is booked again', async () => {
  const walletId = await aPurse();
  const contradictions = async () => {
    const { data } = await floor.ask(
      `{ machineEvents(types: [TRANSFER_CONTRADICTED], first: 10) { nodes { machine { id } data } }
         events(types: ["machine.aft-transfer-contradicted"], last: 10) { nodes { payload } } }`,
    );
    return { raised: data.machineEvents.nodes, told: data.events.nodes };
  };
  const before = credits();
  const transferId = await doubted(walletId);
  const input = {
    transferId,
    idempotencyKey: newId(),
    outcome: 'NOT_HAPPENED',
    reason: 'not on its display',
  };
  expect(await mutate('resolveAftTransfer', input, 'ADMIN')).toMatchObject({
    transfer: { state: 'MANUALLY_RESOLVED', moved: { amount: '0.00' } },
  });
  expect(await contradictions()).toEqual({ raised: [], told: [] });
  await heardOut(floor);
  const { raised, told } = await eventually(async () => {
    const found = await contradictions();
    return found.told.length > 0 && found;
  }, WAIT);
  expect(raised).toEqual([
    {
      machine: { id: machineId },
      data: expect.objectContaining({
        said: '5.00',
        booked: '0.00',
        currency: 'USD',
        direction: 'TO_MACHINE',
      }),
    },
  ]);
  expect(told).toEqual([
    { payload: { transferId, machineId, currency: 'USD', saidMinor: '500', bookedMinor: '0' } },
  ]);
  expect(credits() - before).toBe(500n);
  expect(await moneyOf(walletId)).toEqual(['1000.00', '0.00']);
  expect(await start({ walletId, amount: '1.00' })).toMatchObject({ transfer: { state: 'SETTLED' } });
  expect(await contradictions()).toEqual({ raised, told });
  expect(floor.logged()).toContain('a machine says otherwise of a transfer than is booked');
});

test('a PLAYER sees his own and starts none, and an OPERATOR starts one with the grant only', async () => {
  const { data } = await floor.ask('{ viewer { user { id } } }', { as: 'PLAYER' });
  const own = await aPurse({ userId: decodeIdOf('User', data.viewer.user.id) });
  expect(await start({ walletId: own }, 'PLAYER')).toMatchObject({ code: 'API_011' });
  expect(await start({ walletId: await aPurse() }, 'PLAYER')).toMatchObject({ code: 'API_002' });
  expect(await start({ walletId: own }, 'OPERATOR')).toMatchObject({ code: 'API_011' });
  const { transfer } = await start({ walletId: own }, 'OPERATOR_WITH_GRANTS');
  const seen = await floor.ask('{ aftTransfers(first: 1) { nodes { id machine { id } } } }', {
    as: 'PLAYER',
  });
  expect(seen.data.aftTransfers.nodes).toEqual([{ id: transfer.id, machine: null }]);
  expect(await mutate('cancelAftTransfer', { transferId: transfer.id }, 'PLAYER')).toMatchObject({
    code: 'API_011',
  });
});

test('a PLAYER moves his own money to and from a machine that he has booked for now, and nobody else’s', async () => {
  const { data } = await floor.ask('{ viewer { user { id } } }', { as: 'PLAYER' });
  const userId = decodeIdOf('User', data.viewer.user.id);
  const own = await aPurse({ userId, currency: 'USD' });
  const resource = await aResource(runWork, {
    venueId: floor.venueId,
    kind: 'MACHINE',
    machineId: decodeIdOf('Machine', machineId),
  });
  const { id: bookingId } = await aBookingNow(floor, { userId, resourceId: resource.id });
  // A key that was refused because the machine was busy is unused.
  const there = { walletId: own, idempotencyKey: newId() };
  const { transfer } = await started(there, 'PLAYER');
  expect(transfer).toMatchObject({ state: 'SETTLED' });
  const back = await started({ walletId: own, direction: 'FROM_MACHINE' }, 'PLAYER');
  expect(back.transfer).toMatchObject({ state: 'SETTLED', moved: { amount: '20.00' } });
  expect(await start({ walletId: await aPurse() }, 'PLAYER')).toMatchObject({ code: 'API_002' });
  await runWork(DESK, (work) =>
    cancelBooking(work, { venueId: floor.venueId, bookingId, reason: null, refund: 'RULE' }),
  );
  expect(await start({ walletId: own }, 'PLAYER')).toMatchObject({ code: 'API_011' });
  // What he had done by a key he is told as long as there is that key.
  expect((await start(there, 'PLAYER')).transfer).toMatchObject({ id: transfer.id, state: 'SETTLED' });
});

test('a cent is a cent to a machine: money of another currency stays in its wallet', async () => {
  const dinars = await aPurse({ currency: 'KWD' });
  expect(await start({ walletId: dinars })).toMatchObject({ code: 'API_021' });
  const yen = await aPurse({ currency: 'JPY' });
  for (const direction of ['TO_MACHINE', 'FROM_MACHINE']) {
    expect(await start({ walletId: dinars, direction, amount: '1.000', currency: 'KWD' })).toMatchObject({
      code: 'API_021',
    });
    expect(await start({ walletId: yen, direction, amount: '400', currency: 'JPY' })).toMatchObject({
      code: 'API_021',
    });
  }
  const { transfer } = await start({ walletId: await aPurse() });
  // Whatever asks for it, the database keeps to it.
  const another =
    sql`insert into aft_transfer select (jsonb_populate_record(row, ${{ id: newId(), currency: 'JPY' }})).*
    from aft_transfer as row where id = ${decodeIdOf('AftTransfer', transfer.id)}`.execute(db);
  await expect(another).rejects.toThrow(/do not count in JPY/);
});

test('what a machine may do the next time it is asked leaves the key unused', async () => {
  const walletId = await aPurse();
  const idempotencyKey = newId();
  floor.disturb((answer) => (answer[1] === 0x72 ? [] : answer));
  const first = start({ walletId });
  await eventually(async () => (await lastOf(walletId)) !== undefined, WAIT);
  expect(await start({ walletId, idempotencyKey, amount: '1.00' })).toMatchObject({
    code: 'SAS_004',
    retryable: true,
  });
  floor.disturb(null);
  await first;
  const again = await eventually(async () => {
    const answer = await start({ walletId, idempotencyKey, amount: '1.00' });
    return answer.retryable ? false : answer;
  }, WAIT);
  expect(again).toMatchObject({ transfer: { state: 'SETTLED', moved: { amount: '1.00' } } });
  expect(await start({ walletId, idempotencyKey, amount: '1.00' })).toEqual(again);
});
