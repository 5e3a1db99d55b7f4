import type { LoggedEvent } from '../events/events.ts';
import { formatMoney } from '../lib/money.ts';
import type { NoticeRules } from '../notification/notice.ts';
import type { BalanceCause } from './events.ts';

/**
 * What people are told of their wallets: what somebody else did to them. Of play, and of money on its way to machines,
 * there is too much to tell, and who books, cancels or parks is told of that.
 */
export const WALLET_NOTICES: NoticeRules = {
  'wallet.balance-changed': (event) => {
    const { payload } = event;
    const { walletId, userId, currency, transactionId, holdId, cause } = payload;
    const isLess = payload.changeMinor?.startsWith('-') === true;
    const words = (isLess && AWAY[cause]) || WORDS[cause];
    if (words === undefined || isHisDoing(event)) return null;
    const [amount, left] = [payload.amountMinor, payload.postedMinor].map((minor) =>
      formatMoney({ amountMinor: BigInt(minor), currency }, 'en-US'),
    );
    const what = holdId !== null && transactionId !== null ? `${words}, from a hold` : words;
    return {
      to: { userIds: [userId] },
      type: 'WALLET',
      severity: 'INFO',
      message: `${what}: ${amount}. Your wallet has ${left} now.`,
      data: { walletId, transactionId, holdId, cause, currency, amountMinor: payload.amountMinor },
    };
  },
  // Why, is not his to read.
  'wallet.status-changed': (event) => {
    const { walletId, userId, status } = event.payload;
    if (isHisDoing(event)) return null;
    return {
      to: { userIds: [userId] },
      type: 'WALLET',
      severity: status === 'ACTIVE' ? 'SUCCESS' : 'WARNING',
      message: `Your wallet is ${{ ACTIVE: 'open again', FROZEN: 'frozen', CLOSED: 'closed' }[status]}.`,
      data: { walletId, status },
    };
  },
};

const WORDS: Readonly<Partial<Record<BalanceCause, string>>> = {
  DEPOSIT: 'Paid in',
  WITHDRAWAL: 'Paid out',
  BONUS: 'A bonus',
  FEE: 'A fee',
  REFUND: 'Given back',
  ADJUSTMENT: 'An adjustment',
  TRANSFER: 'A transfer',
  REVERSAL: 'Reversed',
};

/** Of what goes either way. */
const AWAY: Readonly<Partial<Record<BalanceCause, string>>> = {
  ADJUSTMENT: 'An adjustment, taken away',
  TRANSFER: 'A transfer, to another wallet',
  REVERSAL: 'Reversed, and taken back',
};

const isHisDoing = ({
  actor,
  payload,
}: LoggedEvent<'wallet.balance-changed' | 'wallet.status-changed'>): boolean =>
  actor.kind === 'user' && actor.id === payload.userId;
