import { ALERT_EXPORTER } from '../alert/data-exporter.ts';
import { AUTH_EXPORTERS } from '../auth/data-exporters.ts';
import type { AuthServices } from '../auth/service.ts';
import { readCalendar } from '../booking/calendar-feed-service.ts';
import { BOOKING_EXPORTERS } from '../booking/data-exporter.ts';
import { createSlotBoard } from '../booking/slot-board.ts';
import { APP_ROLE } from '../db/database.ts';
import { openHotReads } from '../db/hot-read.ts';
import type { LoggedEvent } from '../events/events.ts';
import { BULK_EXPORT_EXPORTER } from '../export/data-exporter.ts';
import { createContext, createViewContext, type Services } from '../graphql/context.ts';
import { writeDay } from '../graphql/day-query.ts';
import { buildSchema } from '../graphql/schema.ts';
import { serverHealth, venueHealth } from '../health.ts';
import { realtimeFacts } from '../http/limits.ts';
import type { ListedDocuments } from '../http/persisted-documents.ts';
import { createRateLimiter } from '../http/rate-limiter.ts';
import { createHttpServer, type HttpServer } from '../http/server.ts';
import { newId } from '../lib/ids.ts';
import { readVersion } from '../lib/package-folder.ts';
import type { AftDesk } from '../machine/aft-desk.ts';
import type { CommandDesk } from '../machine/command-desk.ts';
import { MACHINE_EXPORTERS } from '../machine/data-exporter.ts';
import type { DiscoveryDesk } from '../machine/discovery-desk.ts';
import { suggestedProfileOf } from '../machine/suggested-profile.ts';
import { channelKey } from '../notification/channel.ts';
import { CHANNEL_EXPORTERS } from '../notification/channel-data-exporter.ts';
import { startDeliveryDesk } from '../notification/channel-delivery.ts';
import { channelOfSnapshot } from '../notification/channel-events.ts';
import { NOTIFICATION_EXPORTERS } from '../notification/data-exporter.ts';
import { PARKING_EXPORTERS } from '../parking/data-exporter.ts';
import { createReportQueue } from '../parking/report-queue.ts';
import '../realtime/events.ts';
import { startRegistry } from '../realtime/registry.ts';
import { createAppliedQueue } from '../signage/applied-queue.ts';
import { startCommandDeliveries } from '../signage/command-delivery.ts';
import { DEVICE_EXPORTERS } from '../signage/device-data-exporter.ts';
import { findHeldDevices } from '../signage/possession.ts';
import { createStatusQueue } from '../signage/status-queue.ts';
import { TAKEOVER_EXPORTER } from '../signage/takeover-data-exporter.ts';
import { WALLET_EXPORTERS } from '../wallet/data-exporter.ts';
import { createPostingQueue } from '../wallet/posting-queue.ts';
import { createTeller } from '../wallet/teller.ts';
import { createDatabaseFacts } from './database-facts.ts';
import type { Files } from './files.ts';
import type { Ground } from './ground.ts';
import { floorMetrics } from './metrics.ts';
import { openNow } from './realtime.ts';
import { screenParts } from './screens.ts';
import { serverStats } from './stats.ts';
import { translateError } from './translate-error.ts';

/** The API on its port; `close` drains it. @throws AddressRefusedError */
export async function serveApi(
  ground: Ground,
  {
    auth,
    commands,
    discoveries,
    transfers,
    mails,
    files,
    listedDocuments,
  }: {
    readonly auth: AuthServices;
    readonly commands: CommandDesk;
    readonly discoveries: DiscoveryDesk;
    readonly transfers: AftDesk;
    /** Whether mail leaves this installation. */
    readonly mails: boolean;
    readonly files: Files;
    readonly listedDocuments: ListedDocuments;
  },
): Promise<{
  readonly url: string;
  readonly services: Services;
  readonly close: () => Promise<void>;
}> {
  const { config, db, redis, runWork, log, logger, onError, running } = ground;
  const rateLimits = createRateLimiter(
    config.rateLimits,
    redis && { client: redis.client, installation: log.id },
  );
  const version = await readVersion();
  const databaseFacts = createDatabaseFacts(ground);
  const hotReads = running.add(
    openHotReads({ connection: ground.connection, applicationName: 'floorwire hot reads', role: APP_ROLE }),
  );
  const slotBoard = createSlotBoard({ hotReads, events: log.events, onError });
  const screens = screenParts(ground, hotReads);
  const metrics = floorMetrics({
    ground,
    slotBoard,
    valueBoard: screens.valueBoard,
    http: () => http,
    rateLimits,
    databaseFacts,
    redis,
    version,
  });
  const processId = newId();
  const deliveries = running.add(startDeliveryDesk({ db, processId, onError }));
  let url = config.publicUrl ?? '';
  const services: Services = {
    db,
    runWork,
    auth,
    commands,
    discoveries,
    transfers,
    mails,
    uploadLimits: config.uploads.limits,
    mostOpenReservations: config.parkingReservationsPerUser,
    mostOpenStays: config.parkedCarsPerUser,
    mediaAddresses: files.addresses,
    exporters: [
      ...AUTH_EXPORTERS,
      ...NOTIFICATION_EXPORTERS,
      ...WALLET_EXPORTERS,
      ...MACHINE_EXPORTERS,
      ...BOOKING_EXPORTERS,
      ...CHANNEL_EXPORTERS,
      ...PARKING_EXPORTERS,
      ...DEVICE_EXPORTERS,
      TAKEOVER_EXPORTER,
      ALERT_EXPORTER,
      BULK_EXPORT_EXPORTER,
    ],
    suggestedProfile: (seen) => suggestedProfileOf(config.driver.profiles, seen),
    teller: createTeller({ db, queue: createPostingQueue({ runWork }) }),
    reportQueue: createReportQueue({ runWork }),
    streams: log.streams,
    slotBoard,
    ...screens,
    hotReads,
    rateLimits,
    deliveries,
    heldDevices: findHeldDevices,
    commandDeliveries: running.add(startCommandDeliveries({ runWork, onError })),
    deviceHeartbeatMs: config.deviceHeartbeatMs,
    appliedQueue: createAppliedQueue({ runWork }),
    statusQueue: createStatusQueue({ runWork, heartbeatMs: config.deviceHeartbeatMs }),
    stats: serverStats({ ground, http: () => http, databaseFacts }),
    health: () => serverHealth({ db, redis, isStorageFailing: files.isStorageFailing }),
    venueHealth: (lines) => venueHealth(db, lines),
    info: {
      name: 'floorwire',
      version,
      startedAt: new Date(),
      get url() {
        return url;
      },
      get webSocketUrl() {
        return `${url.replace(/^http/, 'ws')}/graphql`;
      },
      realtime: {
        ...realtimeFacts(config.limits, config.rateLimits),
        authentication: config.realtimeAuth,
        resumeWindowSeconds: Math.floor(config.eventRetentionMs / 1_000),
      },
      connections: () => http.connectionCount,
    },
  };
  const http: HttpServer = createHttpServer({
    schema: buildSchema(),
    shortcut: writeDay,
    createContext: (caller) => createContext(services, caller),
    createViewContext: (view) => createViewContext(services, view),
    authenticate: auth.authenticate,
    authenticateRealtime: auth.authenticateRealtime,
    refreshActor: auth.refreshActor,
    realtimeTokensOnly: config.realtimeAuth === 'strict',
    rateLimits,
    health: services.health,
    metrics: { ...metrics, token: config.metricsToken },
    jwks: auth.jwks,
    calendar: (token) => readCalendar(db, token, new Date()),
    files: files.routes,
    logger,
    translateError,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    requireHttps: config.requireHttps,
    corsOrigins: config.corsOrigins,
    limits: config.limits,
    listedDocuments,
  });
  log.beforePublish((event) => applyRights(event, { auth, http, onError }));
  log.events.add((event) => {
    if (event.type !== 'channel.message-sent') return;
    const channel = channelOfSnapshot(event.payload);
    const subscriptions = channel ? http.awaiting(event, channelKey(channel)) : 0;
    deliveries.report({ messageId: event.payload.messageId, subscriptions });
  });
  const { address, port, family } = await http.listen({ host: config.host, port: config.port });
  url ||= `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  running.add(startRegistry({ db, processId, openNow: () => openNow(http), onError }));
  const close = () => http.close();
  running.add({ [Symbol.asyncDispose]: close });
  return { url, services, close };
}

/**
 * Rights follow what is open: the log says when they change, in every process, and nothing that
 * comes later in it is delivered before this is done.
 */
function applyRights(
  event: LoggedEvent,
  {
    auth,
    http,
    onError,
  }: {
    readonly auth: AuthServices;
    readonly http: HttpServer;
    readonly onError: (error: unknown) => void;
  },
): Promise<void> | null {
  switch (event.type) {
    case 'auth.roles-changed':
      auth.forgetSessions();
      // What it fails for is closed; nobody else waits for that.
      return http.recheckUser(event.payload.userId).catch(onError);
    case 'auth.session-revoked':
      auth.forgetSession(event.payload.sessionId);
      http.endSession(event.payload.sessionId);
      return null;
    case 'auth.api-key-revoked':
      auth.forgetApiKeys();
      http.endSession(event.payload.apiKeyId);
      return null;
    case 'auth.key-revoked':
      http.endSignedBy(event.payload.kid);
      return null;
    case 'signage.device-updated':
    case 'signage.device-removed': {
      const { formerOwnerId } = event.payload;
      const isHis = 'ownerId' in event.payload && event.payload.ownerId === formerOwnerId;
      const userIds = new Set(listenersTo(event, http));
      // Whoever begins to follow it at this moment is among nobody's listeners yet.
      http.recheckBeginnings();
      if (formerOwnerId !== null && !isHis) userIds.add(formerOwnerId);
      return recheckUsers([...userIds], { http, onError });
    }
    case 'booking.cancelled':
    case 'booking.rescheduled':
    case 'booking.no-show-marked':
      // With the slot he has now goes what came with it.
      return isUnderWay(event) ? http.recheckUser(event.payload.userId).catch(onError) : null;
    case 'realtime.client-disconnected':
      http.disconnect(event.payload.connectionId, event.payload.reason);
      return null;
    default:
      return null;
  }
}

/** Who follows the channel of a device by name: it may be of a booking of another resource from now on, or of none. */
const listenersTo = (
  { venueId, payload: { deviceId } }: LoggedEvent<'signage.device-updated' | 'signage.device-removed'>,
  http: Pick<HttpServer, 'openConnections'>,
): readonly string[] => {
  const channel = channelKey({ kind: 'DEVICE', deviceId });
  return [...http.openConnections()].flatMap(({ actor, connection }) =>
    actor.kind === 'user' && actor.venueId === venueId && connection.channels.includes(channel)
      ? actor.userId
      : [],
  );
};

async function recheckUsers(
  userIds: readonly string[],
  {
    http,
    onError,
  }: { readonly http: Pick<HttpServer, 'recheckUser'>; readonly onError: (error: unknown) => void },
): Promise<void> {
  await Promise.all(userIds.map((userId) => http.recheckUser(userId).catch(onError)));
}

/** Whether it is about a slot that had begun and was not over. */
function isUnderWay({
  at,
  payload,
}: LoggedEvent<'booking.cancelled' | 'booking.rescheduled' | 'booking.no-show-marked'>): boolean {
  const { startsAt, endsAt } =
    'fromStartsAt' in payload ? { startsAt: payload.fromStartsAt, endsAt: payload.fromEndsAt } : payload;
  return new Date(startsAt) <= at && at < new Date(endsAt);
}
