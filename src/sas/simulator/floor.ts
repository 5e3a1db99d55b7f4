/** A line of simulated machines with whatever carries it to the host: what a demo, a bench or a test starts. */
import type { Egm } from './egm.ts';
import { createLine, type LineMachine, type LineOptions } from './line.ts';
import { MARKED_CODING, plainCoding } from './line-coding.ts';
import { type MemoryLine, memoryLine } from './memory-port.ts';
import { createPtyLine } from './pty-line.ts';
import { createTcpLine } from './tcp-line.ts';
import { connect, type Wire } from './wire.ts';

/**
 * `path` is the symbolic link a host opens; port 0 takes a free one. The ninth bit is in the stream unless it is
 * `plain`, without any (SAS.md 13.2 and 13.3).
 */
export type Transport =
  | { readonly kind: 'PTY'; readonly path: string; readonly plain?: boolean }
  | { readonly kind: 'TCP'; readonly port: number; readonly plain?: boolean }
  | { readonly kind: 'MEMORY' };

export type FloorMachine = LineMachine & Disposable;

export interface FloorLineOptions<M extends FloorMachine = Egm> extends LineOptions {
  readonly egms: readonly M[];
  readonly transport: Transport;
}

export interface FloorLine<M extends FloorMachine = Egm> extends AsyncDisposable {
  readonly egms: readonly M[];
  /** What the host opens: a path, `tcp://127.0.0.1:<port>`, or `memory:`. */
  readonly address: string;
  /** The host's end of a line in memory; null for the others. */
  readonly memory: MemoryLine | null;
  /** The host sees its device go. */
  unplug(): Promise<void>;
  /** The host finds the line again where it was. */
  plug(): Promise<void>;
}

/**
 * Puts machines on a line. The line owns them from then on: closing it switches them off.
 *
 * @throws PseudoTerminalError, or Error when a TCP port is taken or two machines have one address
 */
export async function createSimulatedLine<M extends FloorMachine = Egm>(
  options: FloorLineOptions<M>,
): Promise<FloorLine<M>> {
  const { egms, transport } = options;
  if (new Set(egms.map((egm) => egm.address)).size !== egms.length) {
    throw new RangeError('Two machines on one line have the same address.');
  }
  const { wire, address, memory } = await open(transport);
  connect(createLine(options), wire);
  return {
    egms,
    address,
    memory,
    unplug: () => wire.unplug(),
    plug: () => wire.plug(),
    async [Symbol.asyncDispose]() {
      for (const egm of egms) egm[Symbol.dispose]();
      await wire[Symbol.asyncDispose]();
    },
  };
}

interface OpenWire {
  readonly wire: Wire;
  readonly address: string;
  readonly memory: MemoryLine | null;
}

async function open(transport: Transport): Promise<OpenWire> {
  if (transport.kind === 'MEMORY') {
    const memory = memoryLine();
    return { wire: memory.egm, address: 'memory:', memory };
  }
  const coding = transport.plain ? plainCoding() : MARKED_CODING;
  if (transport.kind === 'PTY') {
    return { wire: await createPtyLine(transport.path, coding), address: transport.path, memory: null };
  }
  const wire = await createTcpLine(transport.port, coding);
  return { wire, address: `tcp://127.0.0.1:${wire.port}`, memory: null };
}
