import { once } from 'node:events';
import { createSasHost } from '../sas/host/host.ts';
import type { Port } from '../sas/host/port.ts';
import { openSerialPort } from '../sas/host/serial-port.ts';
import { openTcpPort } from '../sas/host/tcp-port.ts';
import { createLineWatch, type Direction } from '../sas/watch.ts';

export interface WatchOptions {
  readonly port?: string | undefined;
  /** Addresses to poll, `1,2,3`. Without them only what others say is heard. */
  readonly poll?: string | undefined;
  /** The line is a real UART: parity carries the ninth bit. */
  readonly parity: boolean;
  /** Also the general polls that nothing came of. */
  readonly all: boolean;
}

/** Longer than a message may pause. */
const QUIET_MS = 20;

/** Prints what is said on a line, decoded, until a signal; polls the machines itself where asked to. */
export async function watchCommand(options: WatchOptions): Promise<void> {
  const print = createPrinter(options.all);
  const open = () => openPort(options);
  const addresses = parseAddresses(options.poll);
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  if (addresses.length === 0) {
    await using port = await open();
    port.onSymbols((symbols) => print('MACHINE', symbols));
    port.onClosed(() => process.stderr.write('The port closed.\n'));
    await stopped;
    return;
  }
  await using host = createSasHost({
    open: async () => tapped(await open(), print),
    addresses,
    report: async () => {},
  });
  host.start();
  await stopped;
}

type Print = (
  direction: Direction,
  symbols: Parameters<ReturnType<typeof createLineWatch>['push']>[1],
) => void;

function createPrinter(all: boolean): Print {
  const watch = createLineWatch();
  let timer: NodeJS.Timeout | undefined;
  let unanswered: string | null = null;

  function say(lines: readonly string[]): void {
    for (const line of lines) {
      const isPoll = line.endsWith('general poll') || line.includes('80 acknowledge');
      const isIdle = / exception (00|1F) /.test(line);
      if (!all && isIdle) unanswered = null;
      if (!all && (isPoll || isIdle)) {
        unanswered = isPoll ? line : null;
        continue;
      }
      for (const text of unanswered ? [unanswered, line] : [line]) {
        process.stdout.write(`${new Date().toISOString()}  ${text}\n`);
      }
      unanswered = null;
    }
  }

  return (direction, symbols) => {
    say(watch.push(direction, symbols));
    clearTimeout(timer);
    timer = setTimeout(() => say(watch.quiet()), QUIET_MS);
  };
}

function tapped(port: Port, print: Print): Port {
  return {
    send(symbols) {
      print('HOST', symbols);
      port.send(symbols);
    },
    onSymbols: (listener) =>
      port.onSymbols((symbols) => {
        print('MACHINE', symbols);
        listener(symbols);
      }),
    onClosed: (listener) => port.onClosed(listener),
    [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
  };
}

async function openPort({ port, parity }: WatchOptions): Promise<Port> {
  if (!port) throw new Error('watch takes --port PATH or --port tcp://HOST:PORT.');
  const tcp = /^tcp:\/\/(.+):(\d+)$/.exec(port);
  if (tcp?.[1] && tcp[2]) return await openTcpPort({ host: tcp[1], port: Number(tcp[2]) });
  return await openSerialPort({ path: port, wakeupMode: parity ? 'PARITY' : 'MARKED' });
}

function parseAddresses(text: string | undefined): number[] {
  const addresses = (text ?? '').split(',').filter(Boolean).map(Number);
  if (addresses.some((address) => !Number.isInteger(address) || address < 1 || address > 127)) {
    throw new Error('--poll takes addresses from 1 to 127, separated by commas.');
  }
  return addresses;
}
