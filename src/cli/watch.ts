import { once } from 'node:events';
import { createSasHost } from '../sas/host/host.ts';
import { openLinePort } from '../sas/host/line-port.ts';
import { type MachineProfile, stylesOf, timingOf } from '../sas/host/machine-profile.ts';
import type { Port } from '../sas/host/port.ts';
import { MACHINE_PROFILES } from '../sas/host/profiles.ts';
import type { LineStatistics } from '../sas/host/statistics.ts';
import { fits, parsePortAddress, WAKEUP_MODES, type WakeupMode } from '../sas/host/wakeup-mode.ts';
import { createLineWatch, type Direction } from '../sas/watch.ts';
import { CommandError } from './command-error.ts';

export interface WatchOptions {
  readonly port?: string | undefined;
  /** Addresses to poll, `1,2,3`. Without them only what others say is heard. */
  readonly poll?: string | undefined;
  /** How the ninth bit travels, in small letters: `parity` for a real port. */
  readonly wakeup: string;
  /** The name of a built-in profile the line is driven by. */
  readonly profile?: string | undefined;
  /** Also the general polls that nothing came of. */
  readonly all: boolean;
}

/** Longer than a message may pause. */
const QUIET_MS = 20;

/** Prints what is said on a line, decoded, until a signal; polls the machines itself where asked to, and counts then. */
export async function watchCommand(options: WatchOptions): Promise<void> {
  const print = createPrinter(options.all);
  const { wakeupMode, open, profile } = parseLine(options);
  const addresses = parseAddresses(options.poll);
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  if (addresses.length === 0) {
    await using port = await open().catch((error: unknown) => {
      throw new CommandError(`${options.port} cannot be opened: ${reasonOf(error)}`, { cause: error });
    });
    port.onSymbols((symbols) => print('MACHINE', symbols));
    port.onClosed(() => warn('The port closed.'));
    await stopped;
    return;
  }
  let told: string | null = null;
  await using host = createSasHost({
    async open() {
      try {
        const port = await open();
        told = null;
        return tapped(port, print, () =>
          warn(`${options.port} closed: it is opened again as soon as it is back.`),
        );
      } catch (error) {
        const reason = reasonOf(error);
        if (reason !== told) warn(`${options.port} cannot be opened yet, and is tried again: ${reason}`);
        told = reason;
        throw error;
      }
    },
    addresses,
    timing: timingOf(wakeupMode, profile),
    report: async () => {},
  });
  host.start();
  await stopped;
  summarize(host.statistics());
}

/** The same names as in `SasLine.statistics`; README says what they mean. */
function summarize({ machines, ...line }: LineStatistics): void {
  warn(`line: ${countsText({ ...line })}`);
  for (const [address, { state, lastSeenAt, ...counts }] of machines) {
    const seen = lastSeenAt?.toISOString() ?? null;
    warn(`machine ${address}: ${countsText({ state, ...counts, lastSeenAt: seen })}`);
  }
}

const countsText = (counts: Readonly<Record<string, number | string | null>>): string =>
  Object.entries(counts)
    .map(
      ([name, value]) =>
        `${name} ${typeof value === 'number' ? Math.round(value * 10) / 10 : (value ?? '–')}`,
    )
    .join('  ');

const warn = (line: string): void => void process.stderr.write(`floorwire: ${line}\n`);

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^Error: /, '');

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

function tapped(port: Port, print: Print, onClosed: () => void): Port {
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
    onClosed: (listener) =>
      port.onClosed((cause) => {
        onClosed();
        listener(cause);
      }),
    ...(port.onSent && { onSent: port.onSent }),
    [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
  };
}

interface WatchedLine {
  readonly wakeupMode: WakeupMode;
  readonly profile: MachineProfile | null;
  readonly open: () => Promise<Port>;
}

function parseLine({ port = '', wakeup, profile: name }: WatchOptions): WatchedLine {
  const address = parsePortAddress(port);
  if (address === null) throw new CommandError('watch takes --port PATH or --port tcp://HOST:PORT.');
  const wakeupMode = WAKEUP_MODES.find((mode) => nameOf(mode) === wakeup);
  if (wakeupMode === undefined || !fits(wakeupMode, address)) {
    const possible = WAKEUP_MODES.filter((mode) => fits(mode, address)).map(nameOf);
    throw new CommandError(`--wakeup takes ${possible.join(', ')} for this port.`);
  }
  const profile = name === undefined ? null : MACHINE_PROFILES.get(name);
  if (profile === undefined) {
    throw new CommandError(`--profile takes ${[...MACHINE_PROFILES.keys()].join(', ')}.`);
  }
  const styles = stylesOf({ line: profile, machines: [] });
  return { wakeupMode, profile, open: () => openLinePort({ address, wakeupMode, styles }) };
}

const nameOf = (mode: WakeupMode): string => mode.toLowerCase().replace('_', '-');

function parseAddresses(text: string | undefined): number[] {
  const addresses = (text ?? '').split(',').filter(Boolean).map(Number);
  if (addresses.some((address) => !Number.isInteger(address) || address < 1 || address > 127)) {
    throw new CommandError('--poll takes addresses from 1 to 127, separated by commas.');
  }
  return addresses;
}
