import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { Database } from '../../src/db/schema.ts';
import type { AftTransfer } from '../../src/machine/aft-transfer.ts';
import { findTransfer } from '../../src/machine/aft-transfer-store.ts';
import { findMachine } from '../../src/machine/store.ts';
import { byteOf, isMarked } from '../../src/sas/codec/symbol.ts';
import { createEgm, type Egm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine, type FloorMachine } from '../../src/sas/simulator/floor.ts';
import type { MachineSettings } from '../../src/sas/simulator/machine-settings.ts';
import { type MachineMemory, volatileMemory } from '../../src/sas/simulator/memory.ts';
import type { Wallet } from '../../src/wallet/wallet.ts';
import { findWalletsByIds } from '../../src/wallet/wallet-store.ts';
import type { RunWork } from '../../src/work.ts';
import { AFT_FEATURES, aTransfer } from './aft.ts';
import { aVenue } from './builders.ts';
import { eventually } from './deadline.ts';
import { aLine } from './floor.ts';
import { aWallet } from './money.ts';
import { drive, park } from './mortal-driver.ts';

const CREDITS = 0x0c;

export const aMachine = (settings: Partial<MachineSettings>, memory?: MachineMemory): Egm =>
  createEgm({
    address: 1,
    memory: memory ?? volatileMemory(),
    settings: { assetNumber: 7, features: AFT_FEATURES, transferMs: 100, ...settings },
  });

export const creditsOf = (egm: Egm): bigint => egm.meters().get(CREDITS) ?? 0n;

/** What may go otherwise between the host and a machine. Requests and answers are whole frames. */
export interface Between {
  /** What is answered for the machine, which does not hear this request then; null leaves it to the machine. */
  readonly answered?: (request: readonly number[]) => Uint8Array | null;
  /** What arrives of an answer of the machine; null for nothing. */
  readonly arrives?: (answer: Uint8Array, request: readonly number[]) => Uint8Array | null;
}

/** A place on a line, for one machine at a time. */
function aSeat(first: Egm, { answered, arrives }: Between) {
  let seated: Egm | null = first;
  let request: number[] = [];
  let reply: Parameters<Egm['onReply']>[0] = () => {};
  const listenTo = (egm: Egm) =>
    egm.onReply((bytes) => {
      const said = egm === seated && (arrives ? arrives(bytes, request) : bytes);
      if (said) reply(said);
    });
  listenTo(first);
  const seat: FloorMachine = {
    address: 1,
    hear(symbol) {
      if (symbol !== 'error') request = isMarked(symbol) ? [byteOf(symbol)] : [...request, symbol];
      const answer = request.length > 2 && answered?.(request);
      if (!answer) return seated?.hear(symbol);
      seated?.hear('error');
      reply(answer);
    },
    onReply(listener) {
      reply = listener;
    },
    onChirp() {},
    [Symbol.dispose]: () => seated?.[Symbol.dispose](),
  };
  return {
    seat,
    /** Null leaves it empty. */
    take(egm: Egm | null) {
      seated = egm;
      if (egm) listenTo(egm);
    },
  };
}

export interface PlaceOptions extends Between {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly folder: string;
  /** Of the driver alone. */
  readonly drivenBy?: RunWork;
}

/** A wallet with USD 500.00, and a driven machine that is online. */
export async function aPlace(egm: Egm, options: PlaceOptions) {
  const { db, runWork, folder, drivenBy } = options;
  const { id: venueId } = await aVenue(runWork);
  const wallet = await aWallet(runWork, { venueId, balanceMinor: 50_000n });
  const { seat, take } = aSeat(egm, options);
  const line = await createSimulatedLine({
    egms: [seat],
    transport: { kind: 'PTY', path: join(folder, wallet.id) },
  });
  const { lineId, machines } = await aLine(runWork, { venueId, port: wallet.id });
  const machineId = machines[0]?.id ?? '';
  const dying = drivenBy && { runWork: drivenBy, arm() {}, of: <T>(tenure: T) => tenure };
  const driving = await drive(lineId, { db, runWork, portFolder: folder }, dying ?? null);
  const connection = async () => (await findMachine(db, venueId, machineId))?.connection;
  await eventually(async () => (await connection()) === 'ONLINE');
  return {
    venueId,
    machineId,
    walletId: wallet.id,
    line,
    take,
    connection,
    driver: driving.driver,
    async order(
      amountMinor: bigint,
      direction: AftTransfer['direction'] = 'TO_MACHINE',
    ): Promise<() => Promise<AftTransfer | null>> {
      const order = { venueId, walletId: wallet.id, machineId, amountMinor, direction };
      const id = await aTransfer(runWork, order);
      driving.driver.transferChanged();
      return () => findTransfer(db, venueId, id);
    },
    wallet: async (): Promise<Wallet | undefined> => (await findWalletsByIds(db, venueId, [wallet.id]))[0],
    async [Symbol.asyncDispose]() {
      await park(driving);
      await line[Symbol.asyncDispose]();
    },
  };
}
