import { collectDefaultMetrics, type Metric, type MetricObjectWithValues, Registry } from 'prom-client';

/** One thing that is told of the server, in the terms of Prometheus. */
export interface Series {
  /** With its unit, and `_total` when it only grows: `floorwire_outbox_age_seconds`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** What it is now; empty when nobody knows. */
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>;
}

export interface Sample {
  readonly value: number;
  /** Of values that are few. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Of a histogram: which of its numbers this is. */
  readonly part?: 'bucket' | 'sum' | 'count';
}

export interface Metrics {
  readonly contentType: string;
  /** Every series as Prometheus reads it, and those of Node.js itself. */
  scrape(): Promise<string>;
}

/** Nothing is kept between two scrapes: a series is read where its number is. */
export function createMetrics(series: readonly Series[]): Metrics {
  const registry = new Registry();
  for (const each of series) registry.registerMetric(asMetric(each));
  return {
    contentType: registry.contentType,
    async scrape() {
      const ours = await registry.metrics();
      return `${ours}\n${await nodeRegistry().metrics()}`;
    },
  };
}

/** prom-client asks a metric for its name and its values and nothing else; its own classes want to count themselves. */
function asMetric({ name, type, help, read }: Series): Metric {
  const get = async () => ({
    name,
    type,
    help,
    values: (await read()).map(({ value, labels = {}, part }) => ({
      value,
      labels,
      ...(part && { metricName: `${name}_${part}` }),
    })),
  });
  return { name, get } as unknown as Metric & { get(): Promise<MetricObjectWithValues<never>> };
}

let ofNode: Registry | null = null;

/** Of the process, so there is one. What watches the event loop and the garbage starts at the first scrape. */
function nodeRegistry(): Registry {
  if (ofNode) return ofNode;
  ofNode = new Registry();
  collectDefaultMetrics({ register: ofNode });
  return ofNode;
}
