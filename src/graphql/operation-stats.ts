import { LATENCY_BOUNDS_MS, merged, quantile, totalCount } from '../lib/histogram.ts';
import { builder } from './builder.ts';
import type { OperationKind, OperationTimes } from './operation-times.ts';

const OperationKindEnum = builder.enumType('OperationKind', {
  description: 'What an operation is.',
  values: {
    QUERY: { value: 'query', description: 'It reads.' },
    MUTATION: { value: 'mutation', description: 'It changes something.' },
    SUBSCRIPTION: { value: 'subscription', description: 'It follows something.' },
  } satisfies Record<string, { value: OperationKind; description: string }>,
});

/** What ran of one kind, or with one root field, whatever came of it. */
interface OperationStat {
  readonly kind: OperationKind;
  readonly field: string | null;
  readonly times: readonly OperationTimes[];
}

const recentQuantile = (share: number, { times }: OperationStat): number | null =>
  quantile(
    share,
    merged(
      LATENCY_BOUNDS_MS,
      times.map((each) => each.times.recent()),
    ),
  );

const QUANTILE_OF =
  'of the last five minutes, in milliseconds; a subscription until it had begun. Null when there was none.';

const OperationStatType = builder.objectRef<OperationStat>('OperationStat').implement({
  description: 'How often operations of one kind ran, and how long they took.',
  fields: (t) => ({
    kind: t.expose('kind', { type: OperationKindEnum, description: 'Which kind.' }),
    field: t.exposeString('field', {
      nullable: true,
      description: 'The root field they selected, beside others perhaps; null for all of the kind.',
    }),
    count: t.field({
      type: 'BigInt',
      description: 'How many ran since the process started.',
      resolve: ({ times }) => BigInt(sum(times)),
    }),
    errors: t.field({
      type: 'BigInt',
      description:
        'How many of them were answered with `errors`; an error in a `…Result` is an answer like another.',
      resolve: ({ times }) => BigInt(sum(times.filter(({ outcome }) => outcome === 'failed'))),
    }),
    p50Ms: t.float({
      nullable: true,
      description: `What half of them did not exceed, ${QUANTILE_OF}`,
      resolve: (stat) => recentQuantile(0.5, stat),
    }),
    p95Ms: t.float({
      nullable: true,
      description: `What 95 of 100 did not exceed, ${QUANTILE_OF}`,
      resolve: (stat) => recentQuantile(0.95, stat),
    }),
    p99Ms: t.float({
      nullable: true,
      description: `What 99 of 100 did not exceed, ${QUANTILE_OF}`,
      resolve: (stat) => recentQuantile(0.99, stat),
    }),
  }),
});

const KINDS: readonly OperationKind[] = ['query', 'mutation', 'subscription'];

export const OperationStatsType = builder.objectRef<readonly OperationTimes[]>('OperationStats').implement({
  description:
    'The operations of the process that answers, for all venues, over HTTP and WebSockets; what was refused for its document is not among them.',
  fields: (t) => ({
    byKind: t.field({
      type: [OperationStatType],
      description: 'One entry for each kind.',
      resolve: (all) => KINDS.map((kind) => statOf(all, kind, null)),
    }),
    byField: t.field({
      type: [OperationStatType],
      description: 'One entry for each root field that was selected, the most used first.',
      resolve: (all) => statsByField(all),
    }),
  }),
});

const statOf = (
  all: readonly OperationTimes[],
  kind: OperationKind,
  field: string | null,
): OperationStat => ({
  kind,
  field,
  times: all.filter((each) => each.kind === kind && each.field === field),
});

function statsByField(all: readonly OperationTimes[]): OperationStat[] {
  return KINDS.flatMap((kind) => {
    const fields = new Set(all.filter((each) => each.kind === kind).map(({ field }) => field));
    return [...fields].filter((field) => field !== null).map((field) => statOf(all, kind, field));
  }).sort((one, other) => sum(other.times) - sum(one.times));
}

const sum = (times: readonly OperationTimes[]): number =>
  times.reduce((total, each) => total + totalCount(each.times.total), 0);
