import { setTimeout as pause } from 'node:timers/promises';
import type { MortalServer } from './mortal-server.ts';

/** Somebody who locks and unlocks one machine, whatever becomes of the server. */
export interface Locking {
  /** The reasons of the locks he was told are done, in order. No two of them are alike. */
  readonly acknowledged: readonly string[];
  stop(): Promise<void>;
}

const COME_BACK_MS = 50;
/** A server that dies may never close what it had accepted. */
const ANSWER_MS = 10_000;

export function keepLocking(options: {
  readonly server: MortalServer;
  readonly token: string;
  /** As the API writes it. */
  readonly machineId: string;
  /** What his reasons begin with. */
  readonly name: string;
}): Locking {
  const { server, token, machineId, name } = options;
  const acknowledged: string[] = [];
  let stopped = false;

  async function mutate(field: 'lockMachine' | 'unlockMachine', reason: string): Promise<boolean> {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        query: `mutation ($input: MachineReasonInput!) { ${field}(input: $input) { __typename } }`,
        variables: { input: { machineId, reason } },
      }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const { data } = (await response.json()) as { data?: Record<string, { __typename: string } | null> };
    return data?.[field]?.__typename.endsWith('Success') ?? false;
  }

  const running = (async () => {
    for (let turn = 0; !stopped; turn += 1) {
      const reason = `${name}/${turn}`;
      try {
        if ((await mutate('unlockMachine', 'next turn')) && (await mutate('lockMachine', reason)))
          acknowledged.push(reason);
      } catch {
        // There is no server now, or it went without an answer.
        await pause(COME_BACK_MS);
      }
    }
  })();

  return {
    acknowledged,
    async stop() {
      stopped = true;
      await running;
    },
  };
}
