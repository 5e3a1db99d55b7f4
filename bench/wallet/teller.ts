import type { Running } from '../../src/lib/running.ts';
import { type Helper, startHelper } from '../fanout/ipc.ts';
import type { ServerCommand } from '../fanout/protocol.ts';
import type { Bank } from './bank.ts';
import type { TellerCommand, TellerTask } from './protocol.ts';

/** Somebody who moves money at a bank. */
export interface Teller extends Pick<Helper<TellerCommand>, 'ask'> {
  readonly bank: Bank;
}

/** floorwire on it, and clients in another process. */
export async function openServer(running: Running, bank: Bank): Promise<Teller> {
  running.add(bank);
  const server = running.add(
    await startHelper<ServerCommand>({
      file: './floorwire.ts',
      task: null,
      role: 'SERVER',
      environment: bank.environment,
    }),
  );
  const task = taskOf(bank, Number(server.greeting));
  const clients = running.add(
    await startHelper<TellerCommand>({ file: '../wallet/clients.ts', task, role: 'OTHER' }),
  );
  return { bank, ask: clients.ask };
}

/** Nobody in between. */
export async function openDirect(running: Running, bank: Bank): Promise<Teller> {
  running.add(bank);
  const file = '../wallet/direct.ts';
  const { ask } = running.add(
    await startHelper<TellerCommand>({ file, task: taskOf(bank, 0), role: 'SERVER' }),
  );
  return { bank, ask };
}

const taskOf = ({ connection, venueId, walletIds, token }: Bank, port: number): TellerTask => ({
  connection,
  venueId,
  walletIds,
  port,
  token,
});
