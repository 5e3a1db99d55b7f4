import type { Series } from '../metrics/metrics.ts';
import { each, inSeconds, one } from '../metrics/samples.ts';
import type { MetricsOptions } from './metrics.ts';

/** What is open, and how changes reach those who follow them. */
export const realtimeSeries = (options: MetricsOptions): readonly Series[] => [
  ...connectionSeries(options),
  ...fanOutSeries(options),
];

const connectionSeries = ({ http }: MetricsOptions): readonly Series[] => [
  {
    name: 'floorwire_sockets',
    type: 'gauge',
    help: 'WebSockets open now.',
    read: () => one(http().connectionCount),
  },
  {
    name: 'floorwire_sse_streams',
    type: 'gauge',
    help: 'Streams of server-sent events open now.',
    read: () => one(http().streamCount),
  },
  {
    name: 'floorwire_socket_buffered_bytes',
    type: 'gauge',
    help: 'What was written to all WebSockets and not yet taken by the network.',
    read: () => one(http().bufferedBytes()),
  },
  {
    name: 'floorwire_socket_closes_total',
    type: 'counter',
    help: 'WebSockets that ended, by close code; "other" is a code of the client\'s own choosing.',
    read: () => each('code', http().traffic.closes.counts),
  },
];

const fanOutSeries = ({ http, slotBoard, valueBoard }: MetricsOptions): readonly Series[] => [
  {
    name: 'floorwire_subscriptions',
    type: 'gauge',
    help: 'Subscriptions open now, by what they follow.',
    read: () => each('field', http().fanOutCounts().byField),
  },
  {
    name: 'floorwire_slot_day_reads_total',
    type: 'counter',
    help: 'How often a day of slots was read for those who follow it: once for all of them whenever it changes.',
    read: () => one(slotBoard.reads()),
  },
  {
    name: 'floorwire_bound_value_reads_total',
    type: 'counter',
    help: 'How often a value that screens show was read: once for all of them whenever it changes.',
    read: () => one(valueBoard.reads()),
  },
  {
    name: 'floorwire_subscription_groups',
    type: 'gauge',
    help: 'Different subscriptions open now: equal ones are executed together.',
    read: () => one(http().fanOutCounts().groups),
  },
  {
    name: 'floorwire_executions_total',
    type: 'counter',
    help: 'Operations executed for an event or a state, once for all who share a view of it.',
    read: () => one(http().fanOutCounts().executions),
  },
  {
    name: 'floorwire_deliveries_total',
    type: 'counter',
    help: 'Frames written to subscribers.',
    read: () => one(http().fanOutCounts().deliveries),
  },
  {
    name: 'floorwire_delivery_delay_seconds',
    type: 'histogram',
    help: 'From when a change was made, by the clock of PostgreSQL, to when a frame of it was written; without those who catch up.',
    read: () => inSeconds(http().fanOutCounts().delays.total),
  },
  {
    name: 'floorwire_slow_consumers_total',
    type: 'counter',
    help: 'Subscriptions ended because they were read too slowly.',
    read: () => one(http().fanOutCounts().slowClosed),
  },
  {
    name: 'floorwire_conflated_changes_total',
    type: 'counter',
    help: 'Changes of state left out for a newer one.',
    read: () => one(http().fanOutCounts().conflated),
  },
];
