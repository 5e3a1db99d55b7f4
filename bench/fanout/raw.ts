/** The bound: `ws` and one ready-made frame, sent to each socket there is, or to the one that it is for. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { CURSOR, machineIdOf, newEvent } from './events.ts';
import { serveCommands } from './ipc.ts';
import { nowMs, type ServerCommand, type ServerTask } from './protocol.ts';
import { countWrites, measure } from './server-figures.ts';

serveCommands<ServerTask, ServerCommand>(async ({ machineIds }) => {
  const writes = countWrites(() => port);
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const byMachine = new Map<string, WebSocket>();
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { machineIds: [own] = [] } = JSON.parse(String(data)) as { machineIds?: string[] };
      if (own) byMachine.set(own, socket);
    });
  });

  const frame = () => {
    const { id, ...event } = newEvent();
    const machineEvents = { id: machineIdOf(id), ...event, cursor: CURSOR };
    return Buffer.from(JSON.stringify({ id: '1', type: 'next', payload: { data: { machineEvents } } }));
  };
  return {
    greeting: port,
    answer(command) {
      if (command.do === 'measure') return measure(command, { ...writes, executions: null });
      const at = nowMs();
      for (const topic of command.topics) {
        const own = byMachine.get(machineIdOf(machineIds[topic] ?? ''));
        const bytes = frame();
        if (byMachine.size > 0) own?.send(bytes, { binary: false });
        else for (const socket of server.clients) socket.send(bytes, { binary: false });
      }
      return { at };
    },
  };
});
