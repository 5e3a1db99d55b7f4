/** Clients of a server, signed in, each on a connection that it keeps; and one that follows all balances. */
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { serveCommands } from '../fanout/ipc.ts';
import { percentile } from '../percentile.ts';
import { createWire, type HttpWire } from './http-wire.ts';
import { between, flood, type Paced, type TellerCommand, type TellerTask } from './protocol.ts';

const MOST_CLIENTS = 32;
const PROBE_MS = 100;
const TRANSFER = `mutation ($input: TransferBetweenWalletsInput!) {
  transferBetweenWallets(input: $input) {
    __typename
    ... on TransferBetweenWalletsSuccess { transaction { id } }
  }
}`;
const FOLLOW = 'subscription { balance { transactionId } }';

serveCommands<TellerTask, TellerCommand>(async ({ port, token, ...task }) => {
  const walletIds = task.walletIds.map((id) => encodeGlobalId('Wallet', id));
  const wires = Array.from({ length: MOST_CLIENTS }, () => createWire({ port, token }));

  /** Answers the id of the transaction. */
  async function transfer(wire: HttpWire, [from, to]: readonly [number, number]): Promise<string> {
    const input = {
      idempotencyKey: newId(),
      fromWalletId: walletIds[from],
      toWalletId: walletIds[to],
      amount: '0.01',
      currency: 'USD',
    };
    const body = await wire.post(JSON.stringify({ query: TRANSFER, variables: { input } }));
    const id = JSON.parse(body).data?.transferBetweenWallets?.transaction?.id;
    if (!id) throw new Error(`a transfer was refused: ${body}`);
    return id;
  }

  async function pace({ perSecond, durationMs }: Extract<TellerCommand, { do: 'pace' }>): Promise<Paced> {
    const arrived = new Map<string, number>();
    const client = createClient({
      url: `ws://127.0.0.1:${port}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { accessToken: token },
    });
    client.subscribe<{ balance: { transactionId: string } }>(
      { query: FOLLOW },
      {
        next({ data }) {
          const id = data?.balance.transactionId;
          if (id && !arrived.has(id)) arrived.set(id, performance.now());
        },
        error: (error) => {
          throw error;
        },
        complete() {},
      },
    );
    let transfers = 0;
    const free = [...wires];
    async function one(): Promise<readonly [string, number] | null> {
      const wire = free.pop();
      // As many as there are clients: who finds none is not served, and the rate is not what was asked for.
      if (!wire) return null;
      const asked = performance.now();
      const id = await transfer(wire, between('SPREAD', walletIds.length, transfers));
      transfers += 1;
      free.push(wire);
      return [id, asked];
    }
    while (arrived.size === 0) {
      await one();
      await pause(PROBE_MS);
    }
    const started = performance.now();
    const sent: Promise<readonly [string, number] | null>[] = [];
    for (let turn = 0; performance.now() - started < durationMs; turn += 1) {
      await pause(Math.max(0, started + (turn * 1_000) / perSecond - performance.now()));
      sent.push(one());
    }
    const asked = (await Promise.all(sent)).filter((each) => each !== null);
    while (asked.some(([id]) => !arrived.has(id))) await pause(PROBE_MS);
    await client.dispose();
    const latencies = asked.map(([id, at]) => (arrived.get(id) ?? Number.NaN) - at);
    return { transfers, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
  }

  /** Of so many answers one after the other, the median in milliseconds. */
  async function time(query: string, times: number): Promise<number> {
    const [wire] = wires as [HttpWire];
    const took: number[] = [];
    for (let turn = 0; turn < times; turn += 1) {
      const started = performance.now();
      if (query === 'TRANSFER') await transfer(wire, between('HOT', walletIds.length, turn));
      else if ((await wire.post(JSON.stringify({ query }))).includes('"errors"'))
        throw new Error(`refused: ${query}`);
      took.push(performance.now() - started);
    }
    return percentile(took, 0.5);
  }

  return {
    greeting: null,
    answer(command) {
      if (command.do === 'pace') return pace(command);
      if (command.do === 'time') return time(command.query, command.times);
      return flood(command, async (at, turn) => {
        await transfer(wires[at] as HttpWire, between(command.spread, walletIds.length, turn));
      });
    },
  };
});
