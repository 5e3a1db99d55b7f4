/** A process full of sockets that count what arrives on them. */
import { openCountingSockets } from '../../test/support/counting-socket.ts';
import { serveCommands } from './ipc.ts';
import { type ClientCommand, type ClientTask, type Count, nowMs } from './protocol.ts';

let frames = 0;
let sampled = 0;
const perSocket: number[] = [];
const arrivals: number[][] = [];
const expected: { readonly frames: number; readonly resolve: () => void }[] = [];

serveCommands<ClientTask, ClientCommand>(async ({ port, hellos }) => {
  perSocket.push(...hellos.map(() => 0));
  const sockets = await openCountingSockets(hellos.length, (at) => ({
    port,
    hello: hellos[at] ?? [],
    onFrame: () => count(at),
  }));
  const counted = (): Count => ({
    frames,
    reached: perSocket.filter((ofOne) => ofOne > 0).length,
    closed: sockets.filter(({ isOver, closeCode }) => isOver || closeCode !== null).length,
    arrivals,
  });
  return {
    greeting: null,
    answer(command) {
      if (command.do === 'count') return counted();
      return command.do === 'reset' ? reset(command.sampled) : reach(command.frames);
    },
  };
});

function reset(sockets: number): void {
  frames = 0;
  sampled = sockets;
  perSocket.fill(0);
  arrivals.splice(0, arrivals.length, ...Array.from({ length: sampled }, () => []));
}

/** Whoever waits for the smaller number waits first. */
function reach(wanted: number): Promise<void> | null {
  if (frames >= wanted) return null;
  return new Promise((resolve) => expected.push({ frames: wanted, resolve }));
}

function count(at: number): void {
  frames += 1;
  perSocket[at] = (perSocket[at] ?? 0) + 1;
  if (at < sampled) arrivals[at]?.push(nowMs());
  while (expected[0] && frames >= expected[0].frames) expected.shift()?.resolve();
}
