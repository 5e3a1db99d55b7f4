import { builder } from './builder.ts';

export interface DatabaseStats {
  readonly outboxBacklog: number;
  readonly outboxAgeSeconds: number;
  readonly logPosition: bigint;
  readonly tailLag: number;
  readonly poolTotal: number;
  readonly poolIdle: number;
  readonly poolWaiting: number;
}

export const DatabaseStatsType = builder.objectRef<DatabaseStats>('DatabaseStats').implement({
  description: 'PostgreSQL, the event log in it, and the way there.',
  fields: (t) => ({
    outboxBacklog: t.exposeInt('outboxBacklog', {
      description: 'Committed events that have no place in the log yet, so nobody was told of them.',
    }),
    outboxAgeSeconds: t.exposeFloat('outboxAgeSeconds', {
      description: 'How long the first of them has been waiting; 0 when there is none.',
    }),
    logPosition: t.field({
      type: 'BigInt',
      description: 'The newest position of the log: how many events it has ever held.',
      resolve: ({ logPosition }) => logPosition,
    }),
    tailLag: t.exposeInt('tailLag', {
      description: 'Events of the log that the process that answers has yet to tell its subscribers.',
    }),
    poolTotal: t.exposeInt('poolTotal', { description: 'Connections of that process to PostgreSQL.' }),
    poolIdle: t.exposeInt('poolIdle', { description: 'Those of them that nothing uses.' }),
    poolWaiting: t.exposeInt('poolWaiting', { description: 'What waits for one to become free.' }),
  }),
});
