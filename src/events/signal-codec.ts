import type { Signal } from './events.ts';

/** What one process says to the others. */
export interface Message {
  /** Which process says it. */
  readonly from: string;
  /** Something was lost: whoever shows state reads it again. */
  readonly isLost: boolean;
  /** The log has grown. */
  readonly wake: boolean;
  readonly signals: readonly Signal[];
}

/** Processes of two versions may run side by side; what one does not understand it leaves alone. */
const VERSION = 1;

/**
 * A message as ASCII. What signals carry comes back as it was: `bigint` and `Date` too; a property that
 * is undefined is as good as none.
 *
 * @throws TypeError for what is no plain record
 */
export function encodeMessage(message: Message): string {
  const { from, ...said } = message;
  const json = JSON.stringify(pack(said)).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${VERSION} ${from} ${json}`;
}

/** The message; null for one of the reader's own and for one of another version. @throws SyntaxError for what is none */
export function decodeMessage(text: string, me: string): Message | null {
  const [, version, from = '', json = ''] = /^(\d+) (\S+) (.*)$/.exec(text) ?? [];
  if (version !== String(VERSION) || from === me) return null;
  // What one of this version wrote was a message.
  return { ...(unpack(JSON.parse(json) as Packed) as Omit<Message, 'from'>), from };
}

/** JSON in which an array begins with what it stands for: an array, a bigint or a Date. */
type Packed = null | string | number | boolean | Packed[] | { [key: string]: Packed };

function pack(value: unknown): Packed {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'bigint') return ['n', String(value)];
  if (value instanceof Date) return ['d', value.getTime()];
  if (Array.isArray(value)) return ['a', ...value.map(pack)];
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    throw new TypeError('A signal carries plain records.');
  const present = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(present.map(([key, inner]) => [key, pack(inner)]));
}

function unpack(packed: Packed): unknown {
  if (typeof packed !== 'object' || packed === null) return packed;
  if (!Array.isArray(packed))
    return Object.fromEntries(Object.entries(packed).map(([key, inner]) => [key, unpack(inner)]));
  const [kind, ...rest] = packed;
  if (kind === 'n') return BigInt(String(rest[0]));
  return kind === 'd' ? new Date(Number(rest[0])) : rest.map(unpack);
}
