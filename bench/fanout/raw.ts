/** The bound: `ws` and one ready-made frame, sent to each socket there is, or to the one that it is for. */
import { CURSOR, newEvent } from './events.ts';
import { serveCommands } from './ipc.ts';
import { nowMs, type ServerCommand, type ServerTask } from './protocol.ts';
import { frameOf, openRawSockets } from './raw-sockets.ts';
import { countWrites, measure } from './server-figures.ts';

serveCommands<ServerTask, ServerCommand>(async ({ machineIds }) => {
  const writes = countWrites(() => port);
  const { port, send } = await openRawSockets();
  return {
    greeting: port,
    answer(command) {
      if (command.do === 'measure') return measure(command, { ...writes, executions: null });
      const at = nowMs();
      for (const topic of command.topics) send(machineIds[topic] ?? '', frameOf(newEvent(), CURSOR));
      return { at };
    },
  };
});
