import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type LineSymbol, mark } from '../../../src/sas/codec/symbol.ts';

/** A port server as RFC 2217 has it, with its own reading of that. What it is told stands in `log`. */
export interface PortServer extends AsyncDisposable {
  readonly port: number;
  /** Settings by name and data as hex, in the order they came: "PARITY 5", "81". */
  readonly log: readonly string[];
  /** When each entry of the log came. */
  readonly atMs: readonly number[];
  /** What leaves the serial port, with the ninth bit it has by the parity then set. */
  onWire(listener: (symbol: LineSymbol) => void): void;
  /** What comes in at the serial port. */
  receive(bytes: readonly number[]): void;
  /** Bytes as they are, telnet and all. */
  raw(...bytes: number[]): void;
  hangUp(): void;
  readonly connections: number;
}

export interface PortServerOptions {
  /** The value it says is in effect; what was asked for by default, null for no answer. */
  readonly grant?: (name: string, value: readonly number[]) => readonly number[] | null;
  /** Options it does not want to hear of. */
  readonly declines?: readonly number[];
}

const NAMES = ['', 'BAUDRATE', 'DATASIZE', 'PARITY', 'STOPSIZE', 'CONTROL'];
const [IAC, DONT, DO, WONT, WILL, SB, SE] = [255, 254, 253, 252, 251, 250, 240];
const COM_PORT = 44;
const MARK = 4;

export async function aPortServer({ grant, declines = [] }: PortServerOptions = {}): Promise<PortServer> {
  const server = createServer({ noDelay: true });
  const log: string[] = [];
  const atMs: number[] = [];
  let socket: Socket | null = null;
  let connections = 0;
  let parity = 1;
  let wire: (symbol: LineSymbol) => void = () => {};

  const raw = (...bytes: number[]): void => void socket?.write(Uint8Array.from(bytes));
  const doubled = (bytes: readonly number[]): number[] =>
    bytes.flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte]));

  function note(entry: string): void {
    log.push(entry);
    atMs.push(performance.now());
  }

  function setting([command = 0, ...value]: readonly number[]): void {
    const name = NAMES[command] ?? `COMMAND-${command}`;
    note([name, ...value].join(' '));
    const granted = grant ? grant(name, value) : value;
    if (granted === null) return;
    if (name === 'PARITY') parity = granted[0] ?? 1;
    raw(IAC, SB, COM_PORT, command + 100, ...doubled(granted), IAC, SE);
  }

  function negotiate(verb: number, option: number): void {
    const declined = declines.includes(option);
    if (verb === WILL) raw(IAC, declined ? DONT : DO, option);
    if (verb === DO) raw(IAC, declined ? WONT : WILL, option);
    if (verb === WONT || verb === DONT) note(`${verb === WONT ? 'WONT' : 'DONT'} ${option}`);
  }

  /** One command or byte from the front of what is there; how long it was, 0 when it is not whole yet. */
  function take(bytes: readonly number[]): number {
    const [first = 0, second, third] = bytes;
    if (first !== IAC) {
      data(first);
      return 1;
    }
    if (second === undefined) return 0;
    if (second === IAC) {
      data(IAC);
      return 2;
    }
    if (second !== SB) {
      if (third === undefined) return 0;
      negotiate(second, third);
      return 3;
    }
    const inside: number[] = [];
    for (let at = 2; at + 1 < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte !== IAC) inside.push(byte);
      else if (bytes[at + 1] === SE) {
        if (inside[0] === COM_PORT) setting(inside.slice(1));
        return at + 2;
      } else {
        inside.push(IAC);
        at += 1;
      }
    }
    return 0;
  }

  function data(byte: number): void {
    note(byte.toString(16).padStart(2, '0'));
    wire(parity === MARK ? mark(byte) : byte);
  }

  server.on('connection', (next) => {
    connections += 1;
    socket = next;
    let waiting: number[] = [];
    next.on('error', () => {});
    next.on('data', (chunk) => {
      waiting.push(...chunk);
      for (let took = take(waiting); took > 0; took = waiting.length > 0 ? take(waiting) : 0) {
        waiting = waiting.slice(took);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');

  return {
    port: address.port,
    log,
    atMs,
    onWire(listener) {
      wire = listener;
    },
    receive: (bytes) => raw(...doubled(bytes)),
    raw,
    hangUp: () => void socket?.destroy(),
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      socket?.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
