import type { Health } from '../graphql/context.ts';
import { jsonReply, type Reply } from './responses.ts';

/** `GET /health`: the facts of the field `health`, and a status that a load balancer understands. */
export async function healthReply(health: () => Promise<Health>, isDraining: boolean): Promise<Reply> {
  const now = isDraining ? draining() : await health();
  const { status, checks, timestamp } = now;
  return jsonReply(status === 'UNHEALTHY' ? 503 : 200, {
    status,
    timestamp: timestamp.toISOString(),
    checks: checks.map(({ name, status, message, latencyMs }) => ({ name, status, message, latencyMs })),
  });
}

const draining = (): Health => ({
  status: 'UNHEALTHY',
  checks: [{ name: 'server', status: 'UNHEALTHY', message: 'The server is shutting down.', latencyMs: null }],
  timestamp: new Date(),
});
