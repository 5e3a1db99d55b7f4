import { builder } from './builder.ts';
import type { Health, HealthCheck, HealthStatus } from './context.ts';

export const HealthStatusEnum = builder.enumType('HealthStatus', {
  description: 'How something is doing.',
  values: {
    HEALTHY: { value: 'HEALTHY', description: 'It works.' },
    DEGRADED: { value: 'DEGRADED', description: 'It works in part.' },
    UNHEALTHY: { value: 'UNHEALTHY', description: 'It does not work.' },
  } satisfies Record<HealthStatus, { value: HealthStatus; description: string }>,
});

const HealthCheckType = builder.objectRef<HealthCheck>('HealthCheck').implement({
  description: 'One part of the server that was looked at.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Which part: `database`, …' }),
    status: t.expose('status', { type: HealthStatusEnum, description: 'How it is doing.' }),
    message: t.exposeString('message', { description: 'The same for a person.' }),
    latencyMs: t.exposeFloat('latencyMs', {
      nullable: true,
      description: 'How long it took to answer, in milliseconds; null when nothing was asked.',
    }),
  }),
});

export const HealthType = builder.objectRef<Health>('Health').implement({
  description: 'How the server and its parts are doing.',
  fields: (t) => ({
    status: t.expose('status', { type: HealthStatusEnum, description: 'The server as a whole.' }),
    checks: t.field({
      type: [HealthCheckType],
      description: 'Its parts, one by one.',
      resolve: ({ checks }) => [...checks],
    }),
    openConnections: t.int({
      description: 'WebSocket connections open in this process.',
      resolve: (_health, _args, { info }) => info.connections(),
    }),
    timestamp: t.expose('timestamp', { type: 'DateTime', description: 'When it was looked at.' }),
  }),
});

builder.queryField('health', (t) =>
  t.field({
    type: HealthType,
    authScopes: { anonymous: true },
    description: 'How the server is doing now. `GET /health` answers the same facts.',
    resolve: (_root, _args, { health }) => health(),
  }),
);
