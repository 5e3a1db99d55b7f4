import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { cancelBooking } from '../../src/booking/booking-service.ts';
import { openDatabase } from '../../src/db/database.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aBooking, aResource, DESK, dayAhead } from '../support/booking.ts';
import { aUser } from '../support/builders.ts';
import { aWallet } from '../support/money.ts';

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork } = floor.app().services;

async function aPaidBooking() {
  const resource = await aResource(runWork, { venueId, priceMinor: 1_250n });
  const { id: userId } = await aUser(runWork, { venueId });
  const wallet = await aWallet(runWork, { venueId, userId, balanceMinor: 2_000n });
  const slot = { resourceId: resource.id, day: dayAhead(resource), index: 1 };
  const { id: bookingId } = await aBooking(runWork, { venueId, userId, slot });
  const walletId = encodeGlobalId('Wallet', wallet.id);
  return {
    cancel: () =>
      runWork(DESK, (work) => cancelBooking(work, { venueId, bookingId, reason: null, refund: 'FULL' })),
    /** The id of its newest transaction, and what it has. */
    async last() {
      const { data } = await floor.ask(
        `query ($id: ID!) { wallet(id: $id) { posted { amount }
          entries(first: 1) { nodes { transaction { id kind reference } } } } }`,
        { as: 'ADMIN', variables: { id: walletId } },
      );
      const { posted, entries } = data.wallet;
      return { ...entries.nodes[0].transaction, posted: posted.amount };
    },
  };
}

const reverse = async (transactionId: string) =>
  (
    await floor.ask(
      `mutation ($input: ReverseLedgerTransactionInput!) { reverseLedgerTransaction(input: $input) {
        __typename ... on Error { code message } ... on NotReversibleError { reversed } } }`,
      {
        as: 'ADMIN',
        variables: { input: { idempotencyKey: newId(), transactionId, reason: 'as a favour' } },
      },
    )
  ).data.reverseLedgerTransaction;

test('what a booking cost is given back once: by cancelling it', async () => {
  const booking = await aPaidBooking();
  const fee = await booking.last();
  expect(fee).toMatchObject({ kind: 'FEE', posted: '7.50', reference: expect.stringContaining('booking:') });
  const refused = {
    __typename: 'NotReversibleError',
    code: 'API_001',
    message: 'What was paid for a booking is given back by cancelling it.',
    reversed: false,
  };
  expect(await reverse(fee.id)).toEqual(refused);

  await booking.cancel();
  const refund = await booking.last();
  expect(refund).toMatchObject({ kind: 'REFUND', posted: '20.00' });
  expect([await reverse(fee.id), await reverse(refund.id)]).toEqual([refused, refused]);
  expect((await booking.last()).posted).toBe('20.00');
});

test('the database keeps to it, whoever asks', async () => {
  const booking = await aPaidBooking();
  const { id } = await booking.last();
  const reversal = sql`insert into ledger_transaction select (jsonb_populate_record(fee, jsonb_build_object(
      'id', ${newId()}::text, 'kind', 'REVERSAL', 'reverses_id', fee.id, 'hold_id', null))).*
    from ledger_transaction as fee where id = ${Buffer.from(id, 'base64url').toString().split(':')[1]}::uuid`;
  // The role of the server may insert none at all.
  await using owner = openDatabase({ connection: floor.connection, poolSize: 1, applicationName: 'owner' });
  await expect(reversal.execute(owner.db)).rejects.toThrow(/is of a booking/);
});
