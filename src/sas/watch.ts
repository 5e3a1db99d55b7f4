/**
 * What is said on a SAS line, in words: for somebody who looks on, not for the host.
 *
 * Feed it the symbols of both directions in the order they were seen; every message that is complete gives one line.
 */
import { EXCEPTIONS } from './codec/exceptions.ts';
import { createReplyReader, generalPoll, type Reply, type ReplyReader } from './codec/frame.ts';
import { METERS } from './codec/meters.ts';
import { decodeAnswer, decodeRequest, LONG_POLLS } from './codec/poll-table.ts';
import { createRequestReader, type HostMessage } from './codec/request-reader.ts';
import { byteOf, formatSymbols, isMarked, type LineSymbol } from './codec/symbol.ts';
import { hexDigits } from './codec/text-fields.ts';

export type Direction = 'HOST' | 'MACHINE';

export interface LineWatch {
  /** What these symbols complete, one description a line. */
  push(direction: Direction, symbols: readonly (LineSymbol | 'error')[]): string[];
  /** To be called when the line was quiet for longer than a message may pause: what is here is all there is. */
  quiet(): string[];
}

/** The request whose answer is awaited. */
interface Asked {
  readonly address: number;
  readonly code: number | null;
  readonly reader: ReplyReader;
}

export function createLineWatch(): LineWatch {
  const requests = createRequestReader();
  let asked: Asked | null = null;
  let answer: (LineSymbol | 'error')[] = [];

  function fromHost(symbol: LineSymbol | 'error'): string[] {
    const message = requests.push(symbol);
    if (message === null) return [];
    const lines = message.kind === 'longPoll' || message.kind === 'unknownPoll' ? [] : quiet();
    asked = askedBy(message);
    const line = describeRequest(message);
    return line === null ? lines : [...lines, line];
  }

  function fromMachine(symbol: LineSymbol | 'error'): string[] {
    if (symbol !== 'error' && isMarked(symbol) && answer.length === 0) {
      return [`${byteOf(symbol)} → host  chirp: hears nobody`];
    }
    answer.push(symbol);
    asked?.reader.push(symbol);
    const isWhole = asked?.reader.state === 'COMPLETE' || answer.length >= LONGEST_SHOWN;
    return isWhole ? quiet() : [];
  }

  function quiet(): string[] {
    if (answer.length === 0) return [];
    const line = asked ? describeReply(asked, asked.reader.take(), answer) : unasked(answer);
    asked = null;
    answer = [];
    return [line];
  }

  return {
    push: (direction, symbols) => symbols.flatMap(direction === 'HOST' ? fromHost : fromMachine),
    quiet,
  };
}

/** The longest frame there is has 260 bytes; noise is shown in pieces of the same size. */
const LONGEST_SHOWN = 260;

function askedBy(message: HostMessage): Asked | null {
  if (message.kind === 'generalPoll' && message.address !== 0) {
    return { address: message.address, code: null, reader: createReplyReader(generalPoll(message.address)) };
  }
  if (message.kind !== 'longPoll' || message.address === 0 || !LONG_POLLS.has(message.code)) return null;
  return { address: message.address, code: message.code, reader: createReplyReader(message.frame) };
}

function describeRequest(message: HostMessage): string | null {
  if (message.kind === 'longPollStart') return null;
  const to = message.address === 0 ? 'host → all' : `host → ${message.address}`;
  if (message.kind === 'generalPoll') {
    return message.address === 0 ? `${to}  80 acknowledge, nobody answers` : `${to}  general poll`;
  }
  if (message.kind === 'unknownPoll') return `${to}  ${hex(message.code)} a poll this program does not know`;
  const request = message.crcOk ? requestOf(message.frame) : '  CRC wrong';
  return `${to}  ${nameOf(message.code)}${request}`;
}

function requestOf(frame: Uint8Array): string {
  try {
    return fieldsOf(decodeRequest(frame).request);
  } catch (error) {
    return `  ${messageOf(error)}`;
  }
}

function describeReply(
  { address, code }: Asked,
  reply: Reply,
  symbols: readonly (LineSymbol | 'error')[],
): string {
  return `${address} → host  ${replyText(reply, code, symbols)}`;
}

function replyText(reply: Reply, code: number | null, symbols: readonly (LineSymbol | 'error')[]): string {
  switch (reply.kind) {
    case 'exception':
      return `${reply.realTime ? 'event' : 'exception'} ${exceptionText(reply.code)}${fieldsOf(reply.data)}`;
    case 'data':
      return `${nameOf(code ?? 0)}${answerText(code ?? 0, reply.body)}`;
    case 'ack':
      return `acknowledges ${nameOf(code ?? 0)}`;
    case 'nack':
      return `refuses ${nameOf(code ?? 0)}: CRC or data invalid`;
    case 'busy':
      return `busy, ${nameOf(code ?? 0)} later`;
    case 'signature':
      return `ROM signature ${reply.signature.toString(16).toUpperCase().padStart(4, '0')}`;
    case 'damaged':
      return `damaged (${reply.reason})  ${formatSymbols(symbols)}`;
    case 'silence':
      return 'nothing';
  }
}

const unasked = (symbols: readonly (LineSymbol | 'error')[]): string =>
  `? → host  not asked for  ${formatSymbols(symbols)}`;

function exceptionText(code: number): string {
  const label = EXCEPTIONS.get(code)?.label ?? 'unknown';
  return `${hex(code)} ${label.toLowerCase()}`;
}

function answerText(code: number, body: Uint8Array): string {
  const poll = LONG_POLLS.get(code);
  if (poll === undefined) return '';
  try {
    return fieldsOf(decodeAnswer(poll, body));
  } catch (error) {
    return `  ${messageOf(error)}`;
  }
}

function nameOf(code: number): string {
  const name = LONG_POLLS.get(code)?.name ?? 'unknown';
  return `${hex(code)} ${name.toLowerCase().replaceAll('_', ' ')}`;
}

/** `  coinIn 12  coinOut ?`; null is a value that cannot be read. */
function fieldsOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .filter(([name]) => name !== 'kind')
    .map(([name, field]) => `  ${name} ${fieldText(name, field)}`)
    .join('');
}

/** A key that both sides keep to themselves is not for the screen. */
const SECRETS: readonly string[] = ['registrationKey'];

function fieldText(name: string, field: unknown): string {
  if (field === null) return '?';
  if (SECRETS.includes(name)) return '(hidden)';
  if (Array.isArray(field)) return field.map((item) => itemText(name, item)).join(', ') || 'none';
  if (field instanceof Uint8Array) return hexDigits(field) || 'none';
  if (typeof field !== 'object') return String(field);
  const set = Object.entries(field).filter(([, value]) => value !== false && value !== 0);
  return set.map(([key, value]) => (value === true ? key : `${key}=${innerText(key, value)}`)).join(' ');
}

function innerText(name: string, field: unknown): string {
  const isGroup = typeof field === 'object' && field !== null && !Array.isArray(field);
  return isGroup ? `(${fieldText(name, field)})` : fieldText(name, field);
}

function itemText(name: string, item: unknown): string {
  if (name === 'codes' && typeof item === 'number') return meterText(item);
  if (name !== 'meters' || typeof item !== 'object' || item === null) return fieldText('', item);
  const { code, value } = item as { code: number; value: bigint | null };
  return `${meterText(code)} ${value ?? '–'}`;
}

const meterText = (code: number): string => METERS.get(code)?.name ?? hex(code);

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
