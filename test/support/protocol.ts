import { onTestFinished } from 'vitest';
import type { HttpServerOptions } from '../../src/http/server.ts';
import { type ApiServer, anApiServer } from './api-server.ts';
import { aGate } from './gate.ts';
import { connect, type SocketClient } from './socket-client.ts';

/** A server that ends with the test. */
export async function aServer(options: Parameters<typeof anApiServer>[0] = {}): Promise<ApiServer> {
  const api = await anApiServer(options);
  onTestFinished(() => api.http.close(500));
  return api;
}

/** A client whose `connection_init` was acknowledged. */
export async function aClient(api: ApiServer, payload?: object): Promise<SocketClient> {
  const client = await connect(api);
  await client.init(payload);
  return client;
}

/** Looks callers up only when the gate is open. */
export function slowly(): { open(): void; options: Pick<HttpServerOptions, 'refreshActor'> } {
  const gate = aGate();
  const refreshActor: HttpServerOptions['refreshActor'] = async (actor) => {
    await gate.opened;
    return actor;
  };
  return { open: gate.open, options: { refreshActor } };
}
