import { setTimeout as pause } from 'node:timers/promises';
import type { MortalServer } from './mortal-server.ts';

export interface RushOptions {
  readonly server: MortalServer;
  readonly token: string;
  /** As the API writes them. The first two are in three orders of ten. */
  readonly walletIds: readonly string[];
  readonly workers: number;
  readonly orders: number;
}

export interface Rush {
  /** Orders that have an outcome. */
  readonly done: number;
  /** Resolves when all of them have one. */
  readonly finished: Promise<Books>;
}

/** What the callers know in the end. */
export interface Books {
  /** Keys of which two answers differ, or were done twice. */
  readonly faults: readonly string[];
  readonly transfers: number;
  readonly refused: number;
  readonly aborted: number;
}

const ANSWER_MS = 10_000;
const COME_BACK_MS = 50;
const HOT_WALLETS = 2;
const HOT_SHARE = 0.3;
const ABORTED_SHARE = 0.05;
const ABORT_WITHIN_MS = 40;
const HOLD_SHARE = 0.1;
const MOST_CENTS = 40_000;

/** What is asked for, by one key, however often. */
interface Order {
  readonly field: 'transferBetweenWallets' | 'placeWalletHold';
  readonly query: string;
  readonly input: Readonly<Record<string, unknown>>;
}

interface Answered {
  /** What there is to compare: all but whether it was done now. */
  readonly outcome: string;
  readonly isFirst: boolean;
}

const TRANSFER = `mutation ($input: TransferBetweenWalletsInput!) { transferBetweenWallets(input: $input) {
  __typename ... on Error { code message } ... on TransferBetweenWalletsSuccess { replayed transaction { id amount { amount } } } } }`;
const HOLD = `mutation ($input: PlaceWalletHoldInput!) { placeWalletHold(input: $input) {
  __typename ... on Error { code message } ... on PlaceWalletHoldSuccess { replayed hold { id amount { amount } } } } }`;

/**
 * Callers who move money and claim some of it for a second, each order twice at once by the same key. Some hang up
 * before they are answered, and whoever was not answered asks again until he is.
 */
export function startRush(options: RushOptions): Rush {
  const { workers, orders } = options;
  const faults: string[] = [];
  const counts = { done: 0, transfers: 0, refused: 0, aborted: 0 };
  let begun = 0;

  async function send(order: Order): Promise<Answered> {
    for (;;) {
      const isAborted = Math.random() < ABORTED_SHARE;
      counts.aborted += isAborted ? 1 : 0;
      const patienceMs = isAborted ? Math.random() * ABORT_WITHIN_MS : ANSWER_MS;
      const answered = await ask(options, order, patienceMs).catch(() => null);
      if (answered) return answered;
      await pause(COME_BACK_MS);
    }
  }

  async function work(): Promise<void> {
    while (begun < orders) {
      begun += 1;
      const order = newOrder(options.walletIds, `order-${begun}`);
      const answers = await Promise.all([send(order), send(order)]);
      const outcomes = new Set(answers.map(({ outcome }) => outcome));
      if (outcomes.size > 1) faults.push(`${order.input.idempotencyKey}: ${[...outcomes].join(' or ')}`);
      if (answers.every(({ isFirst }) => isFirst)) faults.push(`${order.input.idempotencyKey}: done twice`);
      const isRefused = [...outcomes].some((outcome) => outcome.includes('Error'));
      counts.done += 1;
      counts.refused += isRefused ? 1 : 0;
      counts.transfers += !isRefused && order.field === 'transferBetweenWallets' ? 1 : 0;
    }
  }

  return {
    get done() {
      return counts.done;
    },
    finished: Promise.all(Array.from({ length: workers }, work)).then(() => ({ faults, ...counts })),
  };
}

/** Null: it has no answer yet, and may have been done. */
async function ask(
  { server, token }: Pick<RushOptions, 'server' | 'token'>,
  { field, query, input }: Order,
  patienceMs: number,
): Promise<Answered | null> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables: { input } }),
    signal: AbortSignal.timeout(Math.max(1, Math.round(patienceMs))),
  });
  const { data } = (await response.json()) as { data?: Readonly<Record<string, Json | null>> };
  const answer = data?.[field];
  if (!answer) return null;
  const { replayed, ...outcome } = answer;
  return { outcome: JSON.stringify(outcome), isFirst: replayed === false };
}

type Json = Readonly<Record<string, unknown>>;

function newOrder(walletIds: readonly string[], idempotencyKey: string): Order {
  const from = aWalletOf(walletIds);
  const cents = 1 + Math.floor(Math.random() * MOST_CENTS);
  const terms = { idempotencyKey, amount: (cents / 100).toFixed(2), currency: 'USD' };
  if (Math.random() < HOLD_SHARE)
    return {
      field: 'placeWalletHold',
      query: HOLD,
      input: { ...terms, walletId: from, expiresInSeconds: 1 },
    };
  const others = walletIds.filter((walletId) => walletId !== from);
  return {
    field: 'transferBetweenWallets',
    query: TRANSFER,
    input: { ...terms, fromWalletId: from, toWalletId: aWalletOf(others) },
  };
}

function aWalletOf(walletIds: readonly string[]): string {
  const [first, count] =
    Math.random() < HOT_SHARE ? [0, HOT_WALLETS] : [HOT_WALLETS, walletIds.length - HOT_WALLETS];
  return walletIds[first + Math.floor(Math.random() * count)] ?? walletIds[0] ?? '';
}
