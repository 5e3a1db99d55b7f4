/**
 * A program that owns an embedded server until it is killed: `owner.ts DATA_DIR`. Prints one line of
 * JSON: `{connection, serverPid}` once it runs, or `{error}`.
 */
import { startEmbedded } from '../../src/db/embedded.ts';

try {
  const server = await startEmbedded({ dataDir: process.argv[2] ?? '' });
  process.once('SIGTERM', () => void server[Symbol.asyncDispose]());
  console.log(JSON.stringify({ connection: server.connection, serverPid: server.pid }));
} catch (error) {
  console.log(JSON.stringify({ error: String(error) }));
}
