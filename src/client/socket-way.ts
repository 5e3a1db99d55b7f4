import type { Socket } from './socket.ts';
import type { Way } from './way.ts';

/** All operations over one socket. What becomes of them when it closes is the link's to say. */
export const socketWay = (socket: Socket): Way => ({
  kind: 'SOCKET',
  begin: (operation, { next, ended }) => socket.run(operation.current(), { next, ended }),
});
