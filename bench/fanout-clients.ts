/**
 * A process full of sockets: opens them, says what it is told on each, and counts what arrives.
 * Told by IPC `{ url, count, hello: string[], ready: string | null }`; answers 'ready', then counts.
 */
import WebSocket from 'ws';

interface Task {
  readonly url: string;
  readonly count: number;
  /** Sent on each socket, the next one when the one before was answered. */
  readonly hello: readonly string[];
  readonly expected: number;
}

process.once('message', async (task: Task) => {
  let received = 0;
  const sockets = await Promise.all(Array.from({ length: task.count }, () => open(task, count)));
  process.send?.('ready');

  function count(): void {
    received += 1;
    if (received === task.expected * task.count) process.send?.('done');
  }
  process.once('disconnect', () => {
    for (const socket of sockets) socket.terminate();
    process.exit(0);
  });
});

function open({ url, hello }: Task, onFrame: () => void): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    const [init, ...rest] = hello;
    socket.once('error', reject);
    socket.once('open', () => {
      if (init === undefined) {
        socket.on('message', onFrame);
        return resolve(socket);
      }
      socket.send(init);
      socket.once('message', () => {
        for (const message of rest) socket.send(message);
        socket.on('message', onFrame);
        resolve(socket);
      });
    });
  });
}
