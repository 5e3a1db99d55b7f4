/**
 * A process with nothing to do but one port: what takes its time on the line happens here, behind no other work.
 *
 * It lives as long as its parent wants the port. A signal meant for the parent's whole group does not end it: a host
 * that stops still has something to acknowledge.
 */
import { constants, setPriority } from 'node:os';
import { openPortHere, type PortSettings } from './open-port.ts';
import type { Port } from './port.ts';
import { type FromPort, sharedClockMs, type ToPort } from './port-messages.ts';

let port: Port | null = null;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => leave());
process.on('message', (message: ToPort) => {
  if (message.kind === 'open') void open(message.settings);
  else if (message.kind === 'send') send(message);
  else void close();
});

async function open(settings: PortSettings): Promise<void> {
  beQuick();
  try {
    port = await openPortHere(settings);
  } catch (error) {
    return tell({ kind: 'refused', reason: error instanceof Error ? error.message : String(error) }, leave);
  }
  port.onSymbols((symbols) => tell({ kind: 'heard', symbols }));
  port.onSent?.((sent) => tell({ kind: 'sent', sent }));
  tell({ kind: 'opened' });
  port.onClosed((cause) => tell({ kind: 'closed', reason: cause?.message ?? null }, leave));
}

/** By then its parent may have lost the line to another driver: it must not speak there any more. */
const STALE_MS = 1_000;

function send({ symbols, atMs }: Extract<ToPort, { kind: 'send' }>): void {
  if (port === null) return;
  const isStale = sharedClockMs() - atMs > STALE_MS;
  if (!isStale) port.send(symbols);
  if (isStale || !port.onSent) tell({ kind: 'sent', sent: { hasLeft: !isStale, gapMs: null } });
}

/** Only an administrator's processes may; the others take their turn. */
function beQuick(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGH);
  } catch {
    // As before, then.
  }
}

async function close(): Promise<void> {
  await port?.[Symbol.asyncDispose]();
  leave();
}

/** @param then what comes when it was said, or could not be: a parent that is gone is told nothing. */
function tell(message: FromPort, then: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, undefined, then);
  else then();
}

const leave = (): void => process.exit();
