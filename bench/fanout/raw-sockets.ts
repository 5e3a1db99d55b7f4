import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type BenchEvent, machineIdOf } from './events.ts';

/** Sockets by `ws` alone. */
export interface RawSockets {
  readonly port: number;
  /** To the socket that follows this machine; to all while none follows one. */
  send(machineId: string, bytes: Buffer): void;
}

export async function openRawSockets(): Promise<RawSockets> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const byMachine = new Map<string, WebSocket>();
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { machineIds: [own] = [] } = JSON.parse(String(data)) as { machineIds?: string[] };
      if (own) byMachine.set(own, socket);
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    send(machineId, bytes) {
      if (byMachine.size > 0) byMachine.get(machineIdOf(machineId))?.send(bytes, { binary: false });
      else for (const socket of server.clients) socket.send(bytes, { binary: false });
    },
  };
}

/** The message of the protocol that an event is. */
export function frameOf({ id, ...event }: BenchEvent, cursor: string): Buffer {
  const machineEvents = { id: machineIdOf(id), ...event, cursor };
  return Buffer.from(JSON.stringify({ id: '1', type: 'next', payload: { data: { machineEvents } } }));
}
