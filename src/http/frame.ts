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

const END_OF_ID = Buffer.from('"}');

export function createFrame(json: string, cursor: string | null): Frame {
  let head: Buffer | null = null;
  let event: Buffer | null = null;
  let last: { readonly id: string; readonly message: Buffer } | null = null;
  return {
    json,
    cursor,
    with: (extensions) =>
      createFrame(`${json.slice(0, -1)},"extensions":${JSON.stringify(extensions)}}`, cursor),
    forSocket(operationId) {
      // Clients that number their operations alike share the bytes too.
      if (last?.id === operationId) return last.message;
      // The order of keys is free: what all share comes first.
      head ??= Buffer.from(`{"type":"next","payload":${json},"id":"`);
      const message = textMessage(head, escaped(operationId));
      last = { id: operationId, message };
      return message;
    },
    forEventStream() {
      event ??= Buffer.from(`event: next\n${cursor === null ? '' : `id: ${cursor}\n`}data: ${json}\n\n`);
      return event;
    },
  };
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
