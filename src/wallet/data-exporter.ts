import { type DataExporter, MAX_EXPORTED } from '../auth/data-export.ts';
import { formatDecimal } from '../lib/money.ts';

/** What a person has. Amounts are decimal texts in the wallet's currency. */
const WALLET_EXPORTER: DataExporter = {
  section: 'wallets',
  read: async (db, userId) => {
    const wallets = await db
      .selectFrom('ledger_account as wallet')
      .innerJoin('venue', 'venue.id', 'wallet.venue_id')
      .select(['wallet.id', 'venue.slug as venue', 'wallet.currency', 'wallet.status', 'wallet.balance'])
      .select('wallet.created_at as openedAt')
      .where('wallet.user_id', '=', userId)
      .orderBy('venue.slug')
      .orderBy('wallet.currency')
      .execute();
    return wallets.map(({ balance, ...wallet }) => ({
      ...wallet,
      balance: formatDecimal({ amountMinor: balance, currency: wallet.currency }),
    }));
  },
};

/** What came and went. */
const ENTRY_EXPORTER: DataExporter = {
  section: 'walletEntries',
  read: async (db, userId) => {
    const entries = await db
      .selectFrom('ledger_account as wallet')
      .innerJoin('ledger_entry as entry', 'entry.account_id', 'wallet.id')
      .innerJoin('ledger_transaction as transaction', 'transaction.id', 'entry.transaction_id')
      .select([
        'wallet.id as walletId',
        'entry.version',
        'entry.amount',
        'entry.balance_after',
        'entry.currency',
      ])
      .select(['transaction.id as transactionId', 'transaction.kind', 'transaction.reason'])
      .select(['transaction.reference', 'posted_at as postedAt', 'entry.effective_at as effectiveAt'])
      .where('wallet.user_id', '=', userId)
      .orderBy('posted_at', 'desc')
      .orderBy('wallet.id')
      .orderBy('entry.version', 'desc')
      .limit(MAX_EXPORTED)
      .execute();
    return entries.map(({ version, amount, balance_after, ...entry }) => ({
      ...entry,
      version: String(version),
      amount: formatDecimal({ amountMinor: amount, currency: entry.currency }),
      balanceAfter: formatDecimal({ amountMinor: balance_after, currency: entry.currency }),
    }));
  },
};

/** What was set aside of it. */
const HOLD_EXPORTER: DataExporter = {
  section: 'walletHolds',
  read: async (db, userId) => {
    const holds = await db
      .selectFrom('ledger_account as wallet')
      .innerJoin('wallet_hold as hold', 'hold.account_id', 'wallet.id')
      .select([
        'wallet.id as walletId',
        'wallet.currency',
        'hold.id',
        'hold.amount',
        'hold.reason',
        'hold.state',
      ])
      .select(['hold.placed_at as placedAt', 'hold.expires_at as expiresAt', 'hold.ended_at as endedAt'])
      .where('wallet.user_id', '=', userId)
      .orderBy('hold.placed_at', 'desc')
      .limit(MAX_EXPORTED)
      .execute();
    return holds.map(({ amount, ...hold }) => ({
      ...hold,
      amount: formatDecimal({ amountMinor: amount, currency: hold.currency }),
    }));
  },
};

export const WALLET_EXPORTERS: readonly DataExporter[] = [WALLET_EXPORTER, ENTRY_EXPORTER, HOLD_EXPORTER];
