import { askCursor } from './channels.ts';
import { RefusedError } from './errors.ts';
import type { FloorClient } from './floor-client.ts';
import { ANSWER_MS } from './http.ts';
import type { OperationRequest, Result } from './operation.ts';
import type { PollOptions } from './poll.ts';
import { SYSTEM_TIMERS } from './timers.ts';

/** Which balance of whoever is signed in. */
export interface BalanceOptions {
  /** Of his wallet in this currency; in the venue's without it. */
  readonly currency?: string | undefined;
  /** At least so many milliseconds between two changes that are shown; every one is without it. */
  readonly minIntervalMs?: number | undefined;
}

/** What a wallet has. Amounts are exact, with all decimals the currency has: `"1234.50"`. */
export interface Balance {
  readonly walletId: string;
  readonly currency: string;
  readonly amount: string;
  /** What of it no hold claims. */
  readonly available: string;
}

/** A wallet as a query or a frame shows it. */
export interface ShownWallet {
  readonly walletId: string;
  readonly userId: string;
  readonly currency: string;
  readonly balance: { readonly amount: string };
  readonly available: { readonly amount: string };
  readonly version: string;
}

export interface BalanceFrame {
  readonly balance: ShownWallet;
}

/** The wallet of whoever asks, if he has one, and where to go on from there. */
export interface WalletReading {
  readonly wallet: ShownWallet | null;
  /** Null for who is no person. */
  readonly userId: string | null;
  readonly cursor: string | null;
}

interface Answer {
  readonly viewer: { readonly user: { readonly id: string } | null } | null;
  readonly wallet: (ShownWallet & { readonly cursor: string | null }) | null;
}

export const WALLET = `query Balance($currency: CurrencyCode) {
  viewer { user { id } }
  wallet(currency: $currency) {
    walletId: id userId: ownerId currency balance: posted { amount } available { amount } version cursor
  }
}`;
export const BALANCE = `subscription Balance($walletId: ID, $currency: CurrencyCode, $minIntervalMs: Int, $after: Cursor) {
  balance(walletId: $walletId, currency: $currency, minIntervalMs: $minIntervalMs, after: $after) {
    walletId userId currency balance { amount } available { amount } version cursor
  }
}`;

/** @throws RefusedError, SignedOutError; TypeError when the server does not answer */
export async function readWallet(
  client: FloorClient,
  { currency }: Pick<BalanceOptions, 'currency'>,
): Promise<WalletReading> {
  const read = () => answerTo(client, { query: WALLET, variables: { currency: currency ?? null } });
  const first = await read();
  if (first.wallet) return readingOf(first, null);
  // What is opened behind this cursor is heard of, and what was before it is read.
  const cursor = (await askCursor(client)) ?? null;
  return readingOf(await read(), cursor);
}

/** The subscription that goes on behind a reading; without a wallet it follows all of the caller's. */
export const changesBehind = (
  { wallet, cursor }: WalletReading,
  { currency, minIntervalMs }: BalanceOptions,
): OperationRequest => ({
  query: BALANCE,
  variables: {
    walletId: wallet?.walletId ?? null,
    currency: currency ?? null,
    minIntervalMs: minIntervalMs ?? null,
    after: cursor,
  },
});

export const pollOfWallet = ({ currency }: BalanceOptions): PollOptions => ({
  query: WALLET,
  variables: { currency: currency ?? null },
  frames(data) {
    const { wallet } = data as Answer;
    return wallet ? [{ balance: wallet }] : [];
  },
});

export const isNewer = (one: ShownWallet, other: ShownWallet): boolean =>
  BigInt(one.version) > BigInt(other.version);

export const balanceOf = ({ walletId, currency, balance, available }: ShownWallet): Balance => ({
  walletId,
  currency,
  amount: balance.amount,
  available: available.amount,
});

const readingOf = ({ wallet, viewer }: Answer, cursor: string | null): WalletReading => ({
  wallet,
  userId: viewer?.user?.id ?? null,
  cursor: wallet?.cursor ?? cursor,
});

async function answerTo(client: FloorClient, request: OperationRequest): Promise<Answer> {
  const { data, errors } = await inTime(client.ask<Answer>(request));
  if (errors || !data) throw new RefusedError(errors ?? []);
  return data;
}

/** A connection that is dead takes a request and never answers it. */
const inTime = <Data>(result: Promise<Result<Data>>): Promise<Result<Data>> =>
  new Promise((resolve, reject) => {
    const cancel = SYSTEM_TIMERS.after(ANSWER_MS, () => reject(new TypeError('The server does not answer.')));
    result.then(resolve, reject).finally(cancel);
  });
