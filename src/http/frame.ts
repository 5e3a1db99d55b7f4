/** One result of a subscription, serialised once for everybody who gets it. */
export interface Frame {
  /** The result as JSON, an object. */
  readonly json: string;
  /** From where to resume behind it; null for state. */
  readonly cursor: string | null;
  /** The same with something more for the first time a subscriber hears. */
  with(extensions: object): Frame;
  /** A whole WebSocket text message of an operation: `next` of graphql-transport-ws. */
  forSocket(operationId: string): Buffer;
  /** A whole server-sent event. */
  forEventStream(): Buffer;
}

export const createFrame = (json: string, cursor: string | null): Frame => new SharedFrame(json, cursor);

const HEAD = '{"type":"next","payload":';
const END_OF_ID = Buffer.from('"}');

class SharedFrame implements Frame {
  readonly json: string;
  readonly cursor: string | null;
  /** Most are for one reader alone, and bytes that only he gets are not kept. */
  #isShared = false;
  #head: Buffer | null = null;
  #last: { readonly id: string; readonly message: Buffer } | null = null;
  #event: Buffer | null = null;

  constructor(json: string, cursor: string | null) {
    this.json = json;
    this.cursor = cursor;
  }

  with(extensions: object): Frame {
    return createFrame(`${this.json.slice(0, -1)},"extensions":${JSON.stringify(extensions)}}`, this.cursor);
  }

  forSocket(operationId: string): Buffer {
    // The order of keys is free: what all share comes first.
    if (!this.#isShared) {
      this.#isShared = true;
      return encodeText(`${HEAD}${this.json},"id":"${escaped(operationId)}"}`);
    }
    // Clients that number their operations alike share the bytes too.
    if (this.#last?.id === operationId) return this.#last.message;
    this.#head ??= Buffer.from(`${HEAD}${this.json},"id":"`);
    const message = textMessage(this.#head, escaped(operationId));
    this.#last = { id: operationId, message };
    return message;
  }

  forEventStream(): Buffer {
    const id = this.cursor === null ? '' : `id: ${this.cursor}\n`;
    this.#event ??= Buffer.from(`event: next\n${id}data: ${this.json}\n\n`);
    return this.#event;
  }
}

const PLAIN = /^[\w-]*$/;

/** What stands between the quotes. */
const escaped = (id: string): string => (PLAIN.test(id) ? id : JSON.stringify(id).slice(1, -1));

function textMessage(head: Buffer, id: string): Buffer {
  const idLength = Buffer.byteLength(id);
  const length = head.length + idLength + END_OF_ID.length;
  const { buffer, at } = withHeader(length);
  head.copy(buffer, at);
  buffer.write(id, at + head.length);
  END_OF_ID.copy(buffer, at + head.length + idLength);
  return buffer;
}

/** A text as a whole WebSocket message. */
export function encodeText(text: string): Buffer {
  const { buffer, at } = withHeader(Buffer.byteLength(text));
  buffer.write(text, at);
  return buffer;
}

/** FIN and opcode 1 (RFC 6455, 5.2). A server does not mask. */
const TEXT = 0x81;

/** Room for a message whose header is written; the payload begins at `at`. */
function withHeader(length: number): { readonly buffer: Buffer; readonly at: number } {
  const at = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const buffer = Buffer.allocUnsafe(at + length);
  buffer[0] = TEXT;
  if (at === 2) buffer[1] = length;
  else if (at === 4) {
    buffer[1] = 126;
    buffer.writeUInt16BE(length, 2);
  } else {
    buffer[1] = 127;
    buffer.writeBigUInt64BE(BigInt(length), 2);
  }
  return { buffer, at };
}
