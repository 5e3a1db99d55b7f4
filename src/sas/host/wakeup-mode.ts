/** How the ninth bit travels on a line: what stands in its configuration. */

/**
 * MARKED: in-band in both directions, for pseudo-terminals and 9-bit gateways over TCP (SAS.md 13.2). PLAIN: not at
 * all, for simulators and foreign tools (13.3). PARITY: as MARK and SPACE parity of a real UART. EVEN_ODD: as EVEN or
 * ODD parity, chosen for each byte, where the adapter has nothing else. RFC2217: as MARK and SPACE parity of a port
 * server on TCP.
 */
export const WAKEUP_MODES = ['MARKED', 'PLAIN', 'PARITY', 'EVEN_ODD', 'RFC2217'] as const;
export type WakeupMode = (typeof WAKEUP_MODES)[number];

const ON_TCP: ReadonlySet<WakeupMode> = new Set(['MARKED', 'PLAIN', 'RFC2217']);
const ON_DEVICES: ReadonlySet<WakeupMode> = new Set(['MARKED', 'PLAIN', 'PARITY', 'EVEN_ODD']);

/** Where a line's port is. */
export type PortAddress =
  | { readonly kind: 'TCP'; readonly host: string; readonly port: number }
  | { readonly kind: 'DEVICE'; readonly path: string };

/** `tcp://host:port`, or else the path of a device. Null for what begins like the former and is none. */
export function parsePortAddress(text: string): PortAddress | null {
  if (!text.startsWith('tcp:')) return text === '' ? null : { kind: 'DEVICE', path: text };
  const [, host, digits] = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (!host || port < 1 || port > 65_535) return null;
  return { kind: 'TCP', host: host.replace(/^\[|\]$/g, ''), port };
}

/** Whether the ninth bit can travel like this there. */
export const fits = (mode: WakeupMode, { kind }: PortAddress): boolean =>
  (kind === 'TCP' ? ON_TCP : ON_DEVICES).has(mode);

/** Whether sending takes its time: the pause inside a message is then ours to keep under 5 ms. */
export const isTimed = (mode: WakeupMode): boolean => mode !== 'MARKED' && mode !== 'PLAIN';
