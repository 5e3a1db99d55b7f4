import { byteOf, isMarked, type LineSymbol } from '../../../src/sas/codec/symbol.ts';
import { createSasHost, type SasHost, type SasHostOptions } from '../../../src/sas/host/host.ts';
import type { HeardSymbol, Port } from '../../../src/sas/host/port.ts';
import { type HostReport, isOfMachine } from '../../../src/sas/host/report.ts';
import type { EgmOptions } from '../../../src/sas/simulator/egm.ts';
import { createEgm, type Egm } from '../../../src/sas/simulator/egm.ts';
import type { Faults } from '../../../src/sas/simulator/faults.ts';
import { createLine } from '../../../src/sas/simulator/line.ts';
import { memoryLine } from '../../../src/sas/simulator/memory-port.ts';
import { connect } from '../../../src/sas/simulator/wire.ts';
import { aManualClock, type ManualClock } from './manual-clock.ts';

export interface FloorOptions extends Partial<Omit<SasHostOptions, 'open' | 'report'>> {
  readonly machines?: readonly (Partial<EgmOptions> & { readonly address: number })[];
  readonly faultsToHost?: Faults;
  readonly faultsToEgms?: Faults;
  readonly report?: SasHostOptions['report'];
  /** What the host gets to speak on instead of the line itself. */
  readonly through?: (line: Port) => Port;
  readonly clock?: ManualClock;
}

/** A host and simulated machines on a line in memory, under a clock of their own. */
export interface Floor extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly host: SasHost;
  readonly egms: readonly Egm[];
  /** Reports that were taken. */
  readonly reports: HostReport[];
  /** Whole messages in both directions, and exceptions as they are stored: "> 81", "< 7F", "= 7F". */
  readonly transcript: string[];
  egm(address: number): Egm;
  exceptions(address: number): number[];
  links(address: number): string[];
  latest<K extends HostReport['kind']>(
    kind: K,
    address?: number,
  ): Extract<HostReport, { kind: K }> | undefined;
  /** The value of a meter as reported last. */
  meter(address: number, code: number): bigint | undefined;
  unplug(): Promise<void>;
  plug(): Promise<void>;
  /** Bytes that come from nowhere. */
  noise(...symbols: HeardSymbol[]): void;
}

export async function aFloor(options: FloorOptions = {}): Promise<Floor> {
  const {
    machines = [{ address: 1 }],
    faultsToHost,
    faultsToEgms,
    report,
    through,
    ...hostOptions
  } = options;
  const clock = options.clock ?? aManualClock();
  const egms = machines.map((machine) => createEgm({ clock, ...machine }));
  const wire = memoryLine();
  const line = createLine({
    egms,
    ...(faultsToHost && { faultsToHost }),
    ...(faultsToEgms && { faultsToEgms }),
  });
  connect(line, wire.egm);
  const reports: HostReport[] = [];
  const reportsOf = new Map<number, HostReport[]>();
  const of = (address: number): HostReport[] => reportsOf.get(address) ?? [];
  const transcript: string[] = [];
  const host = createSasHost({
    addresses: machines.map(({ address }) => address),
    clock,
    random: () => 0.5,
    ...hostOptions,
    open: async () => {
      const port = recorded(await wire.open(), transcript);
      return through ? through(port) : port;
    },
    report: async (made) => {
      await report?.(made);
      reports.push(made);
      if (isOfMachine(made)) reportsOf.set(made.address, [...of(made.address), made]);
      if (made.kind === 'exception') transcript.push(`= ${hexOf([made.code])}`);
    },
  });
  host.start();

  return {
    clock,
    host,
    egms,
    reports,
    transcript,
    egm(address) {
      const found = egms.find((egm) => egm.address === address);
      if (found === undefined) throw new Error(`no machine ${address}`);
      return found;
    },
    exceptions: (address) => of(address).flatMap((made) => (made.kind === 'exception' ? made.code : [])),
    links: (address) => of(address).flatMap((made) => (made.kind === 'link' ? made.state : [])),
    latest<K extends HostReport['kind']>(kind: K, address?: number) {
      const all = address === undefined ? reports : of(address);
      return all.findLast((made): made is Extract<HostReport, { kind: K }> => made.kind === kind);
    },
    meter: (address, code) =>
      of(address)
        .flatMap((made) => (made.kind === 'meters' ? (made.values.get(code)?.value ?? []) : []))
        .at(-1),
    unplug: () => wire.egm.unplug(),
    plug: () => wire.egm.plug(),
    noise: (...symbols) => wire.egm.send(symbols.filter((symbol) => symbol !== 'error')),
    async [Symbol.asyncDispose]() {
      const disposed = host[Symbol.asyncDispose]();
      // What the host waits for before it ends, it waits for by this clock.
      await clock.advance(1_000);
      await disposed;
      for (const egm of egms) egm[Symbol.dispose]();
    },
  };
}

function recorded(port: Port, transcript: string[]): Port {
  return {
    send(symbols) {
      let message: LineSymbol[] = [];
      for (const symbol of symbols) {
        if (isMarked(symbol) && message.length > 0) {
          transcript.push(`> ${hexOf(message)}`);
          message = [];
        }
        message.push(symbol);
      }
      transcript.push(`> ${hexOf(message)}`);
      port.send(symbols);
    },
    onSymbols(listener) {
      port.onSymbols((symbols) => {
        transcript.push(`< ${hexOf(symbols)}`);
        listener(symbols);
      });
    },
    onClosed: (listener) => port.onClosed(listener),
    [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
  };
}

function hexOf(symbols: readonly HeardSymbol[]): string {
  return symbols
    .map((symbol) => (symbol === 'error' ? '!' : byteOf(symbol).toString(16).toUpperCase().padStart(2, '0')))
    .join(' ');
}
