import type { GraphQLSchema } from 'graphql';
import './scalars.ts';
import './error-type.ts';
import './money.ts';
import './health.ts';
import './platform.ts';
import './rate-limit.ts';
import './auth.ts';
import './account.ts';
import './account-mail.ts';
import './account-deletion.ts';
import './data-export.ts';
import './second-factor.ts';
import './oauth.ts';
import './linked-identity.ts';
import './api-key.ts';
import './user-list.ts';
import './user-change.ts';
import './realtime-token.ts';
import './device.ts';
import './device-list.ts';
import './device-registration.ts';
import './device-group.ts';
import './device-status.ts';
import './device-report.ts';
import './device-command.ts';
import './refresh-connection.ts';
import './venue.ts';
import './venue-change.ts';
import './audit.ts';
import './realtime-connection.ts';
import './stats.ts';
import './player.ts';
import './notice-counts.ts';
import './notification-list.ts';
import './notification-stream.ts';
import './notification-marking.ts';
import './notification-preference.ts';
import './notification-sending.ts';
import './machine-type.ts';
import './machine-list.ts';
import './machine-game.ts';
import './machine-identity.ts';
import './sas-line.ts';
import './sas-line-configuration.ts';
import './sas-line-discovery.ts';
import './machine-discovery.ts';
import './machine-registration.ts';
import './meter.ts';
import './meter-history.ts';
import './meter-report.ts';
import './machine-event.ts';
import './bill-event.ts';
import './log-event.ts';
import './event-acknowledgement.ts';
import './machine-audit.ts';
import './machine-clock.ts';
import './machine-command.ts';
import './handpay.ts';
import './handpay-list.ts';
import './jackpot.ts';
import './jackpot-configuration.ts';
import './system-status.ts';
import './wallet.ts';
import './wallet-account.ts';
import './wallet-posting.ts';
import './wallet-hold.ts';
import './ledger-check.ts';
import './balance.ts';
import './aft-reconciliation.ts';
import './aft-transfer-list.ts';
import './aft-transfer.ts';
import './resource.ts';
import './slot.ts';
import './slot-counts.ts';
import './slot-hold.ts';
import './slot-block.ts';
import './booking.ts';
import './booking-cancellation.ts';
import './booking-list.ts';
import './booking-limit.ts';
import './booking-series.ts';
import './calendar-feed.ts';
import './booking-stats.ts';
import './waitlist.ts';
import './waitlist-list.ts';
import './channel.ts';
import './broadcast.ts';
import './parking-lot.ts';
import './parking-rate.ts';
import './occupancy.ts';
import './occupancy-history.ts';
import './occupancy-report.ts';
import './parking-counts.ts';
import './parking-reservation.ts';
import './parking-reservation-list.ts';
import './parking-session.ts';
import './parking-settlement.ts';
import './parking-session-list.ts';
import './layout.ts';
import './layout-list.ts';
import './layout-publishing.ts';
import './layout-editing.ts';
import './layout-updates.ts';
import './layout-applied.ts';
import './upload.ts';
import './firmware.ts';
import './firmware-list.ts';
import './firmware-report.ts';
import './media.ts';
import './media-change.ts';
import './playlist.ts';
import './content-sync.ts';
import './schedule.ts';
import './takeover.ts';
import './alert-rule.ts';
import './alert.ts';
import './alert-stream.ts';
import './bulk-export.ts';
import './bulk-export-list.ts';
import './effective-layout.ts';
import './play.ts';
import './proof-of-play.ts';
import { builder } from './builder.ts';

builder.queryType({
  description: 'What can be read. A field that is refused is null; its siblings are answered.',
});
builder.mutationType({
  description: 'What can be done. Each field answers with its success or with an error that says why not.',
});
builder.subscriptionType({ description: 'What can be followed, over WebSocket or as server-sent events.' });

/** The schema of the API, built once for the process. It needs no service, no database and no configuration. */
export function buildSchema(): GraphQLSchema {
  built ??= Object.assign(builder.toSchema(), { description });
  return built;
}

let built: GraphQLSchema | null = null;

/** What the manual begins with, in Markdown. */
const description = `The machines, money, hours, parking and screens of a gaming venue: to be read, changed and followed.

**Signing in**: \`login\` answers an \`accessToken\`. Send it as \`Authorization: Bearer …\`, and in \`connection_init\` of a WebSocket. \`viewer { scopes }\` says what it allows; each field says what it needs.

**Errors**: a mutation answers with its success or with an error of its result, \`... on Error { code message }\`. What else goes wrong is among \`errors\`, with \`extensions.code\`. \`errorCatalog\` says what to do about each code.

**Values**: ids are opaque, and good for \`node\`. Money and 64-bit numbers are texts, a DateTime is in UTC.

**Following**: a \`cursor\` is a place in the one log of all that happens. Given as \`after\`, nothing is missed and nothing comes twice.`;
