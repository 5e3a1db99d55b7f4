/** Opens the port of a line, whatever it is. */
import { MARKED_STREAM, PLAIN_STREAM } from './byte-stream.ts';
import type { Port } from './port.ts';
import { openRfc2217Port } from './rfc2217-port.ts';
import { openSerialPort } from './serial-port.ts';
import { openTcpPort } from './tcp-port.ts';
import type { PortAddress, WakeupMode } from './wakeup-mode.ts';
import type { WireStyles } from './wire-format.ts';

export interface PortSettings {
  readonly address: PortAddress;
  readonly wakeupMode: WakeupMode;
  /** How the machines are to be spoken to; what a byte stream carries does not depend on it. */
  readonly styles: WireStyles;
}

/**
 * Opens it in this process.
 *
 * @throws Error when it cannot be opened, or the ninth bit cannot travel there in this way.
 */
export async function openPortHere({ address, wakeupMode, styles }: PortSettings): Promise<Port> {
  if (address.kind === 'DEVICE' && wakeupMode !== 'RFC2217') {
    return await openSerialPort({ path: address.path, wakeupMode, styles });
  }
  if (address.kind === 'TCP' && wakeupMode === 'RFC2217')
    return await openRfc2217Port({ ...address, styles });
  if (address.kind === 'TCP' && (wakeupMode === 'MARKED' || wakeupMode === 'PLAIN')) {
    return await openTcpPort({ ...address, stream: wakeupMode === 'PLAIN' ? PLAIN_STREAM : MARKED_STREAM });
  }
  throw new Error(`${wakeupMode} is no way for the ninth bit ${ADVERB[address.kind]}.`);
}

const ADVERB: Readonly<Record<PortAddress['kind'], string>> = { TCP: 'over TCP', DEVICE: 'to a device' };
