/** Asks one query at a steady pace, over connections that are kept. */
import { setTimeout as pause } from 'node:timers/promises';
import { serveCommands } from '../fanout/ipc.ts';
import { createWire, type HttpWire } from '../wallet/http-wire.ts';
import type { AskingCommand, AskingTask, Latencies } from './protocol.ts';

serveCommands<AskingTask, AskingCommand>(async ({ port, token, body }) => {
  const idle: HttpWire[] = [];

  async function askAt(dueMs: number): Promise<number> {
    const wire = idle.pop() ?? createWire({ port, token });
    const answer = await wire.post(body);
    const ms = performance.now() - dueMs;
    if (answer.includes('"errors"')) throw new Error(answer);
    idle.push(wire);
    return ms;
  }

  return {
    greeting: null,
    async answer({ perSecond, durationMs }): Promise<Latencies> {
      const started = performance.now();
      const asked: Promise<number>[] = [];
      for (let at = 0; at < (durationMs / 1_000) * perSecond; at += 1) {
        const dueMs = started + (at * 1_000) / perSecond;
        await pause(Math.max(0, dueMs - performance.now()));
        asked.push(askAt(dueMs));
      }
      return { ms: await Promise.all(asked) };
    },
  };
});
