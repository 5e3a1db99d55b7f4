import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

/**
 * `node function-platform.js FILE`: runs the function that a file exports as platforms do that call one for each
 * request, and no more: it never upgrades a connection. Prints where it answers.
 */
const { default: handler } = await import(pathToFileURL(process.argv[2] ?? '').href);

const server = createServer(async (request, response) => {
  const left = new AbortController();
  response.on('close', () => left.abort());
  try {
    const { status, headers, body } = await handler.fetch(await asWeb(request, left.signal));
    response.writeHead(status, Object.fromEntries(headers));
    for await (const piece of body ?? []) response.write(piece);
    response.end();
  } catch {
    response.destroy();
  }
});

async function asWeb(request, signal) {
  const body = request.method === 'POST' ? await buffer(request) : null;
  const { method, headers } = request;
  return new Request(new URL(request.url, `http://${headers.host}`), { method, headers, body, signal });
}

await once(server.listen(0, '127.0.0.1'), 'listening');
process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
