import { builder } from './builder.ts';

/** What a client is asked to do when its connection is gone, or cannot be had at all. */

/** 1, 2, 3 … seconds, scattered, five times. */
export const BACKOFF = {
  initialDelayMs: 1_000,
  stepMs: 1_000,
  maxDelayMs: 30_000,
  maxAttempts: 5,
  jitter: true,
} as const;

export const BackoffPolicyType = builder.objectRef<typeof BACKOFF>('BackoffPolicy').implement({
  description:
    'How long a client waits before it connects again: `initialDelayMs` before the first try and `stepMs` longer before each one after it. A connection that comes about begins the count anew.',
  fields: (t) => ({
    initialDelayMs: t.exposeInt('initialDelayMs', { description: 'Before the first try, in milliseconds.' }),
    stepMs: t.exposeInt('stepMs', {
      description: 'How much longer each wait is than the last, in milliseconds.',
    }),
    maxDelayMs: t.exposeInt('maxDelayMs', { description: 'Never longer than this, in milliseconds.' }),
    maxAttempts: t.exposeInt('maxAttempts', {
      description: 'How many tries in a row may fail before the client does what `fallback` says.',
    }),
    factor: t.float({
      deprecationReason: 'Waits grow by `stepMs`.',
      description: 'What each wait is multiplied with; always 1.',
      resolve: () => 1,
    }),
    jitter: t.exposeBoolean('jitter', {
      description: 'Whether each wait is drawn at random between half of it and all of it.',
    }),
  }),
});

export const FALLBACK = { pollIntervalMs: 5_000, retryIntervalMs: 30_000 } as const;

export const RealtimeFallbackType = builder.objectRef<typeof FALLBACK>('RealtimeFallback').implement({
  description:
    'Where no socket can be had, a client subscribes by server-sent events at `apiInfo.url`; where those do not come through, it asks queries again and again.',
  fields: (t) => ({
    pollIntervalMs: t.exposeInt('pollIntervalMs', {
      description: 'How long it waits between two queries, in milliseconds.',
    }),
    retryIntervalMs: t.exposeInt('retryIntervalMs', {
      description: 'How often it tries for the better way again, in milliseconds.',
    }),
  }),
});
