import { expect, test } from 'vitest';
import type { LoggedEvent } from '../../src/events/events.ts';
import type { Telling } from '../../src/notification/notice.ts';
import { WALLET_NOTICES } from '../../src/wallet/notices.ts';

/** It asks for nothing. */
const TELLING = {} as Telling;

test.each([
  ['ADJUSTMENT', '250', 'An adjustment: $2.50.'],
  ['ADJUSTMENT', '-250', 'An adjustment, taken away: $2.50.'],
  ['TRANSFER', '250', 'A transfer: $2.50.'],
  ['TRANSFER', '-250', 'A transfer, to another wallet: $2.50.'],
  ['REVERSAL', '-250', 'Reversed, and taken back: $2.50.'],
  ['FEE', '-250', 'A fee: $2.50.'],
  ['TRANSFER', undefined, 'A transfer: $2.50.'],
] as const)('of %s by %s a person is told which way it went', (cause, changeMinor, words) => {
  const payload = {
    walletId: 'w',
    userId: 'u',
    currency: 'USD',
    postedMinor: '1000',
    heldMinor: '0',
    version: '2',
    cause,
    transactionId: 't',
    holdId: null,
    amountMinor: '250',
    ...(changeMinor !== undefined && { changeMinor }),
  };
  const event: LoggedEvent<'wallet.balance-changed'> = {
    type: 'wallet.balance-changed',
    position: 1n,
    venueId: 'v',
    at: new Date(),
    actor: { kind: 'user', id: 'somebody else' },
    origin: null,
    payload,
    xid: 1n,
  };
  expect(WALLET_NOTICES['wallet.balance-changed']?.(event, TELLING)).toMatchObject({
    message: `${words} Your wallet has $10.00 now.`,
  });
});
