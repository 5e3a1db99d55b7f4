/** The machines' end of whatever carries a line to the host. */
import type { LineSymbol } from '../codec/symbol.ts';
import type { HeardSymbol } from '../host/port.ts';
import type { SimulatedLine } from './line.ts';

export interface Wire extends AsyncDisposable {
  /** Sends an answer. Never blocks: what the host does not take is lost, as on a real line. */
  send(symbols: readonly LineSymbol[]): void;
  /** The listener gets what the host sent, in any chunking; one listener. */
  onSymbols(listener: (symbols: readonly HeardSymbol[]) => void): void;
  /** Pulls the plug: the host sees its device go. Unplugged already, nothing happens. */
  unplug(): Promise<void>;
  /** Puts the plug in again: the host can open the line anew, at the same place. */
  plug(): Promise<void>;
}

/** Lets the machines of a line hear and answer over a wire. */
export function connect(line: SimulatedLine, wire: Wire): void {
  wire.onSymbols((symbols) => line.hear(symbols));
  line.onReply((symbols) => wire.send(symbols));
}
