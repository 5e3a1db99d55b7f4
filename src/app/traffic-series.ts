import type { Series } from '../metrics/metrics.ts';
import { each, inSeconds } from '../metrics/samples.ts';
import type { MetricsOptions } from './metrics.ts';

/** What was asked and answered. */
export const trafficSeries = ({ http, rateLimits }: MetricsOptions): readonly Series[] => [
  {
    name: 'floorwire_http_responses_total',
    type: 'counter',
    help: 'HTTP answers by class of status, those of other paths than /graphql too.',
    read: () => each('status', http().traffic.answers.counts),
  },
  {
    name: 'floorwire_operation_duration_seconds',
    type: 'histogram',
    help: 'Operations over HTTP and WebSockets by kind, a subscription until it had begun; failed: answered with `errors`.',
    read: () =>
      http()
        .traffic.operations.times()
        .filter(({ field }) => field === null)
        .flatMap(({ kind, outcome, times }) => inSeconds(times.total, { kind, outcome })),
  },
  {
    name: 'floorwire_errors_total',
    type: 'counter',
    help: 'Errors answered, in `errors` or as a member of a result, by code; SYS_001 is a fault of the server.',
    read: () => each('code', http().traffic.errors.counts),
  },
  {
    name: 'floorwire_rate_limit_refusals_total',
    type: 'counter',
    help: 'Requests refused because their address, user or account had used its limit up.',
    read: () => each('bucket', rateLimits.refusals),
  },
];
