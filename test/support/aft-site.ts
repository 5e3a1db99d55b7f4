import { NO_FEATURES } from '../../src/sas/codec/features.ts';
import { type MeterName, meterCode } from '../../src/sas/codec/meters.ts';
import { createEgm, type Egm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { createRunWork } from '../../src/work.ts';
import { type AftRelay, anAftRelay } from './aft-relay.ts';
import { eventually } from './deadline.ts';
import { aLine } from './floor.ts';
import { type Installation, kill } from './installation.ts';
import { aWallet } from './money.ts';
import type { ServerProcess } from './server-process.ts';

/**
 * What is taken away from a transfer: the process that answers the API and drives the line, the process that does
 * nothing but drive, or the cable.
 */
export const DEATHS = ['SERVER', 'DRIVER', 'CABLE'] as const;
export type Death = (typeof DEATHS)[number];

/** A machine on a line of its own, and a wallet. What dies there dies nowhere else. */
export interface AftSite extends AsyncDisposable {
  readonly death: Death;
  readonly egm: Egm;
  readonly relay: AftRelay;
  /** As the database knows them. */
  readonly walletId: string;
  readonly machineId: string;
  /** Which answers the API for it, and may be dead. */
  server(): ServerProcess;
  meter(name: MeterName): bigint;
  /** Takes it away, in this very moment. */
  die(): void;
  /** Resolves when it is gone for certain. */
  dead(): Promise<void>;
  /** Gives it back; resolves when the machine is served again. */
  recover(): Promise<void>;
}

/** With a process to start, and a machine to be found. */
const WAIT = { deadlineMs: 90_000 };
const ASSET = 7;
/** On the machine, in cents. */
const CREDIT_LIMIT = 30_000n;
const BALANCE_MINOR = 1_000_000n;
/** Who is killed is succeeded as early as the rules of leases allow; a caller waits far longer than that. */
const SETTINGS = {
  SAS_LEASE: '8s',
  SAS_LEASE_RENEWAL: '1s',
  COMMAND_TIMEOUT: '300s',
  DATABASE_POOL: '4',
  JWT_EXPIRE_MINUTES: '1440',
};

/** What the sites of an installation share. */
export interface Commons {
  readonly installation: Installation;
  /** It drives no line. */
  readonly api: ServerProcess;
}

/** The name of whoever drives the lines whose cables are cut. */
const UNHARMED = 'unharmed';

/** What sites stand on: a process that answers the API, and one that drives the lines of which none else dies. */
export async function commons(installation: Installation): Promise<Commons> {
  const [api] = await Promise.all([
    installation.start({ ...SETTINGS, SAS_DRIVES: 'none' }),
    installation.startDriver({ ...SETTINGS, SAS_DRIVES: UNHARMED, SAS_DRIVER_NAME: UNHARMED }),
  ]);
  return { installation, api };
}

let sites = 0;

export async function anAftSite({ installation, api }: Commons, death: Death): Promise<AftSite> {
  sites += 1;
  const drivenBy = death === 'CABLE' ? UNHARMED : `site-${sites}`;
  const { db, venueId } = installation;
  const runWork = createRunWork({ db, onEvents: () => {} });
  const relay = anAftRelay();
  const features = { ...NO_FEATURES, aft: true, extendedMeters: true, fastPolling: true };
  const egm = createEgm({
    address: 1,
    settings: { assetNumber: ASSET, features, creditLimit: CREDIT_LIMIT },
  });
  const { faultsToEgms, faultsToHost } = relay;
  const line = await createSimulatedLine({
    egms: [egm],
    transport: { kind: 'TCP', port: 0 },
    faultsToEgms,
    faultsToHost,
  });
  const { machines } = await aLine(runWork, { venueId, port: line.address, drivenBy });
  const [{ id: machineId } = { id: '' }] = machines;
  const wallet = await aWallet(runWork, { venueId, balanceMinor: BALANCE_MINOR });

  const settings = { ...SETTINGS, SAS_DRIVES: drivenBy, SAS_DRIVER_NAME: drivenBy };
  const live = (): Promise<ServerProcess> | null => {
    if (death === 'CABLE') return null;
    return death === 'SERVER' ? installation.start(settings) : installation.startDriver(settings);
  };
  const machineNow = () =>
    db
      .selectFrom('machine')
      .select(['connection', 'identified_at'])
      .where('id', '=', machineId)
      .executeTakeFirstOrThrow();
  /** Whoever drives the line knows the machine by now, and asks it nothing more for the sake of that. */
  const isServedSince = async (ms: number): Promise<boolean> => {
    const { connection, identified_at: at } = await machineNow();
    return connection === 'ONLINE' && Number(at) > ms;
  };

  let mortal = await live();
  let diedAt = 0;
  await eventually(() => isServedSince(0), WAIT);
  return {
    death,
    egm,
    relay,
    walletId: wallet.id,
    machineId,
    server: () => (death === 'SERVER' && mortal ? mortal : api),
    meter: (name) => egm.meters().get(meterCode(name)) ?? 0n,
    die() {
      diedAt = Date.now();
      if (mortal) mortal.process.kill('SIGKILL');
      else void line.unplug();
    },
    async dead() {
      if (mortal) await kill(mortal);
      else await eventually(async () => (await machineNow()).connection === 'OFFLINE', WAIT);
    },
    async recover() {
      relay.mend();
      if (mortal) mortal = await live();
      else await line.plug();
      await eventually(() => isServedSince(diedAt), WAIT);
    },
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  };
}
