/** What the processes of the wallet bench tell each other over IPC. */

export interface TellerTask {
  readonly connection: string;
  readonly venueId: string;
  readonly walletIds: readonly string[];
  /** Of a server; for who calls the database himself these two mean nothing. */
  readonly port: number;
  readonly token: string;
}

/** Between which wallets money goes. */
export type Spread = 'SPREAD' | 'HOT';

export type TellerCommand =
  /** So many clients, each with one transfer under way all the time. */
  | { readonly do: 'flood'; readonly clients: number; readonly spread: Spread; readonly durationMs: number }
  /** Transfers at a steady rate, followed over a socket. */
  | { readonly do: 'pace'; readonly perSecond: number; readonly durationMs: number }
  /** One after the other. */
  | { readonly do: 'time'; readonly query: string; readonly times: number };

export interface Flooded {
  readonly transfers: number;
  readonly seconds: number;
}

export interface Paced {
  readonly transfers: number;
  /** From when a transfer was asked for until its frame was there. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** From which wallet to which, by turn. */
export function between(spread: Spread, wallets: number, turn: number): readonly [number, number] {
  if (spread === 'SPREAD') {
    const from = Math.floor(Math.random() * wallets);
    return [from, (from + 1 + Math.floor(Math.random() * (wallets - 1))) % wallets];
  }
  const other = 1 + Math.floor(Math.random() * (wallets - 1));
  return turn % 2 === 0 ? [0, other] : [other, 0];
}

/** So many clients until the time is over: each asks again when it was answered. */
export async function flood(
  { clients, durationMs }: { readonly clients: number; readonly durationMs: number },
  transfer: (client: number, turn: number) => Promise<void>,
): Promise<Flooded> {
  const started = performance.now();
  const end = started + durationMs;
  let transfers = 0;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (; performance.now() < end; transfers += 1) await transfer(client, transfers);
    }),
  );
  return { transfers, seconds: (performance.now() - started) / 1_000 };
}
