/** The bound of what comes through the log: it is read with nothing but `pg`, and sent with nothing but `ws`. */
import pg from 'pg';
import { CURSOR } from './events.ts';
import { serveCommands } from './ipc.ts';
import type { ServerCommand, ServerTask } from './protocol.ts';
import { frameOf, openRawSockets } from './raw-sockets.ts';
import { countWrites, measure } from './server-figures.ts';

const BATCH = 256;

serveCommands<ServerTask, ServerCommand>(async ({ connection }) => {
  const writes = countWrites(() => port);
  const { port, send } = await openRawSockets();
  const client = new pg.Client({ connectionString: connection });
  await client.connect();
  const { rows } = await client.query('select coalesce(max(position), 0) as head from event_log');
  let position = rows[0]?.head;
  let reading = Promise.resolve();
  client.on('notification', () => {
    reading = reading.then(follow);
  });
  await client.query('listen floorwire_log');

  async function follow(): Promise<void> {
    for (let found = BATCH; found === BATCH; ) {
      const { rows: events } = await client.query({
        name: 'follow',
        text: 'select position, type, payload from event_log where position > $1 order by position limit $2',
        values: [position, BATCH],
      });
      for (const { type, payload } of events) {
        if (type !== 'machine.event-raised') continue;
        const { machineId, ...event } = payload.event;
        send(machineId, frameOf(event, CURSOR));
      }
      position = events.at(-1)?.position ?? position;
      found = events.length;
    }
  }

  return {
    greeting: port,
    async answer(command) {
      if (command.do === 'publish') throw new Error('it follows the log');
      return measure(command, { ...writes, executions: null });
    },
  };
});
