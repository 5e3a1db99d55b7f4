import { startAlerts } from './app/alerts.ts';
import { serveApi } from './app/api.ts';
import { startExports } from './app/exports.ts';
import { startFiles } from './app/files.ts';
import { layGround, stopGround } from './app/ground.ts';
import { ensureFirstAdmin, refuseGuessablePasswords, startIdentity } from './app/identity.ts';
import { readListedDocuments } from './app/listed-documents.ts';
import { startNotices } from './app/notices.ts';
import { startParking } from './app/parking.ts';
import { checkPlaces } from './app/places.ts';
import { startSignage } from './app/signage.ts';
import { startVenueFloor } from './app/venue-floor.ts';
import { listAllVenues } from './auth/venue-store.ts';
import { expiredClaims } from './booking/expired-claim-store.ts';
import { startClaimExpiry, startNoShows, startWaitlists } from './booking/jobs.ts';
import { hasMachineNow } from './booking/possession.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { seedDemo } from './demo/seed.ts';
import { startLogRetention } from './events/retention.ts';
import type { Services } from './graphql/context.ts';
import { buildSchema } from './graphql/schema.ts';
import { tryAddress } from './http/listen.ts';
import type { Logger } from './lib/logger.ts';
import { isLoopback } from './lib/network.ts';
import { Running } from './lib/running.ts';
import { createAftDesk } from './machine/aft-desk.ts';
import { createCommandDesk } from './machine/command-desk.ts';
import { createDiscoveryDesk } from './machine/discovery-desk.ts';
import { startMeterRetention } from './machine/jobs.ts';
import { startMessageRetention } from './notification/channel-jobs.ts';
import { startHoldExpiry, startKeyRetention } from './wallet/jobs.ts';
import { expiredHolds } from './wallet/wallet-hold-store.ts';

/** A running floorwire. Disposing it drains, then stops everything, the database last. */
export interface App extends AsyncDisposable {
  /** Where it answers: `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Whether it holds the demo venue, whose passwords everybody knows. */
  readonly isDemo: boolean;
  readonly services: Services;
  /** Resolves when its database has become another one: it is to be started anew. */
  readonly replaced: Promise<void>;
}

/**
 * Wires everything once.
 *
 * @throws ConfigError, DatabaseSetupError, KeyDecryptionError with a message of one line
 */
export async function createApp(config: Config, logger: Logger): Promise<App> {
  const running = new Running();
  try {
    return await start(config, logger, running);
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}

async function start(config: Config, logger: Logger, running: Running): Promise<App> {
  const listedDocuments = await readListedDocuments(config);
  await checkPlaces(config, { logger, running });
  await tryAddress({ host: config.host, port: config.port });
  const laying = layGround(config, logger, { running });
  // PostgreSQL starts meanwhile.
  buildSchema();
  const ground = await laying;
  const { db, dues, runWork, log, onError } = ground;
  const { auth, mail } = await startIdentity(ground);
  const venues = await listAllVenues(db);
  const isDemo = venues.length === 0 ? config.demo : venues.some((venue) => venue.isDemo);
  if (isDemo) refuseExposedDemo(config);
  if (isDemo && (await seedDemo({ db, runWork, auth }))) logger.info('the demo venue was seeded');
  if (config.firstAdmin) await ensureFirstAdmin(config.firstAdmin, { auth, logger });
  if (config.production) await refuseGuessablePasswords(auth);

  const commands = createCommandDesk({ db, timeoutMs: config.commandTimeoutMs });
  const discoveries = createDiscoveryDesk({ db, timeoutMs: config.commandTimeoutMs });
  const transfers = createAftDesk({ db, timeoutMs: config.commandTimeoutMs, hasMachine: hasMachineNow });
  log.events.add((event) => {
    if (event.type === 'machine.command-finished') commands.finished(event.payload.command.id);
    if (event.type === 'machine.aft-transfer-changed') transfers.changed(event.payload.transfer);
    if (event.type === 'machine.discovery-started') discoveries.started(event.payload.lineId);
  });
  // What somebody else may have is taken before a line is opened or anything is begun: this process may have to end.
  const files = await startFiles(ground);
  const { url, services, close } = await serveApi(ground, {
    auth,
    commands,
    discoveries,
    transfers,
    mails: mail.mailroom.isOpen,
    files,
    listedDocuments,
  });
  startVenueFloor(ground, { isDemo });
  startNotices(ground, mail);
  running.add(startLogRetention({ db, onError, retentionMs: config.eventRetentionMs }));
  running.add(startMeterRetention({ runWork, onError, retentionMs: config.meterRetentionMs }));
  dues.add(expiredHolds, running.add(startHoldExpiry({ runWork, onError })));
  dues.add(expiredClaims, running.add(startClaimExpiry({ runWork, onError })));
  running.add(startNoShows({ runWork, onError }));
  running.add(startWaitlists({ db, runWork, onError }));
  startParking(ground);
  startSignage(ground);
  startAlerts(ground);
  startExports(ground, { services, storage: files.storage });
  running.add(startKeyRetention({ runWork, onError, retentionMs: config.idempotencyRetentionMs }));
  running.add(
    startMessageRetention({
      runWork,
      onError,
      // Whoever asks again by a key is told what was said.
      retentionMs: Math.max(config.eventRetentionMs, config.idempotencyRetentionMs),
    }),
  );
  // The first that stops: who is still being answered may wait for a line, or for a job.
  running.add({ [Symbol.asyncDispose]: close });
  const { replaced } = log;
  return { url, isDemo, services, replaced, [Symbol.asyncDispose]: () => stopGround(ground) };
}

/** A demo venue's passwords are printed in README. */
function refuseExposedDemo(config: Config): void {
  if (config.production) {
    throw new ConfigError([
      'This database holds the demo venue, whose passwords are public: start production with an empty database',
    ]);
  }
  if (!isLoopback(config.host) && !config.demoPublic) {
    throw new ConfigError([
      `HOST: a demo venue, whose passwords are public, answers on loopback only, not on ${config.host}, unless DEMO_PUBLIC=1`,
    ]);
  }
}
