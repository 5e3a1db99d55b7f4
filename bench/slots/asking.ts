/** Clients of a server, each on a connection that it keeps. */
import { serveCommands } from '../fanout/ipc.ts';
import { createWire, type HttpWire } from '../wallet/http-wire.ts';
import { type Asked, type AskingCommand, type AskingTask, MOST_CLIENTS } from './protocol.ts';

serveCommands<AskingTask, AskingCommand>(async ({ port, token, bodies }) => {
  const wires = Array.from({ length: MOST_CLIENTS }, () => createWire({ port, token }));

  async function flood({ clients, durationMs }: Extract<AskingCommand, { do: 'flood' }>): Promise<Asked> {
    const started = performance.now();
    const end = started + durationMs;
    let answers = 0;
    await Promise.all(
      wires.slice(0, clients).map(async (wire) => {
        for (; performance.now() < end; answers += 1)
          await wire.post(bodies[Math.floor(Math.random() * bodies.length)] ?? '');
      }),
    );
    return { answers, seconds: (performance.now() - started) / 1_000 };
  }

  return {
    greeting: null,
    answer(command) {
      return command.do === 'flood' ? flood(command) : (wires[0] as HttpWire).post(bodies[0] ?? '');
    },
  };
});
