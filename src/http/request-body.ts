import type { IncomingMessage } from 'node:http';
import { RequestRefusedError } from './errors.ts';
import type { Limits } from './limits.ts';

/** What would be kept with signs in it that nobody wrote is refused. It passes over a byte order mark. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The whole body as text, counted while it arrives.
 *
 * @throws RequestRefusedError 413 when it is too large, 408 when it takes too long, 400 when it ends early or is no UTF-8
 */
export async function readBody(
  request: IncomingMessage,
  { maxBodyBytes, bodyTimeoutMs }: Limits,
): Promise<string> {
  const tooLarge = () => new RequestRefusedError(413, `The body is larger than ${maxBodyBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge();
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(
      () => refuse(new RequestRefusedError(408, `The body did not arrive within ${bodyTimeoutMs} ms.`)),
      bodyTimeoutMs,
    );
    const settle = () => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose);
    };
    const refuse = (error: RequestRefusedError) => {
      settle();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBodyBytes) refuse(tooLarge());
      else chunks.push(chunk);
    };
    const onEnd = () => {
      settle();
      try {
        resolve(UTF_8.decode(Buffer.concat(chunks)));
      } catch {
        reject(new RequestRefusedError(400, 'The body is not UTF-8.'));
      }
    };
    const onClose = () => refuse(new RequestRefusedError(400, 'The body ended early.'));
    request.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}

/** How long what is left of a body is taken and thrown away once its request is answered. */
const LINGER_MS = 1_000;

/**
 * Ends a connection on which more of an answered request keeps coming. Not at once: who is still
 * sending could not read the answer.
 */
export function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  setTimeout(() => {
    if (!request.complete) request.destroy();
  }, LINGER_MS).unref();
}
