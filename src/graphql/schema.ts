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
import './api-key.ts';
import './user-list.ts';
import './user-change.ts';
import './realtime-token.ts';
import './device.ts';
import './refresh-connection.ts';
import './venue.ts';
import './venue-change.ts';
import './audit.ts';
import './realtime-connection.ts';
import './stats.ts';
import './machine-type.ts';
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
import './booking-list.ts';
import './booking-limit.ts';
import './booking-series.ts';
import './calendar-feed.ts';
import './booking-stats.ts';
import { builder } from './builder.ts';

builder.queryType({
  description: 'What can be read. A field that is refused is null; its siblings are answered.',
});
builder.mutationType({
  description: 'What can be done. Each field answers with its success or with an error that says why not.',
});
builder.subscriptionType({ description: 'What can be followed, over WebSocket or as server-sent events.' });

/** The schema of the API. Building it needs no service, no database and no configuration. */
export const buildSchema = (): GraphQLSchema => builder.toSchema();
