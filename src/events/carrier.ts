import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { Connection } from '../db/database.ts';
import { newId } from '../lib/ids.ts';
import { startListener } from './listener.ts';

/** Carries texts from each process to the others. What is sent while it is away is lost. */
export interface Carrier extends AsyncDisposable {
  /** Resolves when the next may be sent. @throws when it cannot be told to anybody */
  send(text: string): Promise<void>;
}

export interface CarrierOptions {
  readonly hear: (text: string) => void;
  /** It hears from now on; what was said before is lost to this process. */
  readonly onListening: () => void;
  readonly onError: (error: unknown) => void;
}

const CHANNEL = 'floorwire_signal';
/** PostgreSQL takes less than 8,000 bytes of ASCII. */
const PART = 7_900;
/** Between two notifications of one process: each takes a lock that all commits of the server share. */
const PAUSE_MS = 50;

const compress = promisify(deflateRaw);
const decompress = promisify(inflateRaw);

/** By `NOTIFY`: deflated, cut into parts, at most 20 a second. */
export function startNotifyCarrier(connection: Connection, options: CarrierOptions): Carrier {
  const { hear, onListening, onError } = options;
  const me = newId();
  let sent = 0;
  let heard = Promise.resolve();
  const parts = new Map<string, string>();

  /** The parts of one text come together and in order: they are of one transaction. */
  function hearPart(payload: string): void {
    const [sender = '', left = '', part = ''] = payload.split(' ');
    if (sender.startsWith(me)) return;
    const text = (parts.get(sender) ?? '') + part;
    if (left !== '0') return void parts.set(sender, text);
    parts.delete(sender);
    heard = heard
      .then(async () => hear((await decompress(Buffer.from(text, 'base64'))).toString('latin1')))
      .catch(onError);
  }

  const listener = startListener({
    connection,
    channel: CHANNEL,
    onNotify: hearPart,
    onListening() {
      parts.clear();
      onListening();
    },
    onError,
  });
  return {
    async send(text) {
      const packed = (await compress(Buffer.from(text, 'latin1'))).toString('base64');
      sent += 1;
      const cut = partsOf(packed);
      await listener.notify(cut.map((part, at) => `${me}/${sent} ${cut.length - 1 - at} ${part}`));
      await pause(PAUSE_MS * cut.length);
    },
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

function partsOf(text: string): string[] {
  const size = PART - 80;
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
    text.slice(at * size, (at + 1) * size),
  );
}
