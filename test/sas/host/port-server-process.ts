/** A port server that no other work keeps waiting: says where it listens, and on any message what it was told. */
import { aPortServer } from './port-server.ts';

let slowMs = 0;
const server = await aPortServer({
  grant(name, value) {
    const endMs = performance.now() + (name === 'PARITY' && value[0] === 5 ? slowMs : 0);
    while (performance.now() < endMs);
    return value;
  },
});
process.on('message', (message: { readonly slowMs: number }) => {
  process.send?.({ log: server.log, atMs: server.atMs });
  slowMs = message.slowMs;
});
process.on('disconnect', () => process.exit());
process.send?.({ port: server.port });
