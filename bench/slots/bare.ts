/** The bound: a day by nothing but `node:http` and `pg`, one statement whose text is the answer. Nobody is asked who he is. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { APP_ROLE } from '../../src/db/database.ts';
import { serveCommands } from '../fanout/ipc.ts';
import type { ServerCommand } from '../fanout/protocol.ts';
import { measure } from '../fanout/server-figures.ts';
import type { BareTask } from './protocol.ts';

const CONNECTIONS = 16;

const DAY = `
  with day as (
    select id, $2::date::timestamp at time zone time_zone as midnight, ($2::date + 1)::timestamp at time zone time_zone as next
    from (select resource.id, time_zone from resource join venue on venue.id = venue_id where resource.id = $1) of_venue
  )
  select json_agg(json_build_object('index', n, 'state', case when taken.id is null then 'AVAILABLE' else 'BOOKED' end,
    'booking', case when taken.id is null then null else json_build_object(
      'id', taken.id, 'status', taken.status, 'owner', json_build_object('displayName', taken.display_name)) end) order by n)::text as slots
  from day cross join generate_series(0, 23) n
  left join (
    select booking.id, booking.status, slot_claim.starts_at, display_name
    from day join slot_claim on resource_id = day.id and tstzrange(starts_at, ends_at) && tstzrange(midnight, next)
    join booking on booking.id = booking_id join app_user on app_user.id = booking.user_id
  ) taken on taken.starts_at = midnight + n * interval '1 hour'`;

serveCommands<BareTask, ServerCommand>(async ({ connection }) => {
  const pool = new pg.Pool({ connectionString: connection, max: CONNECTIONS });
  pool.on('connect', (client) => {
    void client.query(`set role ${APP_ROLE}; set plan_cache_mode = force_generic_plan`);
  });
  const server = createServer(async (request, response) => {
    const { resourceId, date } = JSON.parse(await bodyOf(request));
    const { rows } = await pool.query({ name: 'day', text: DAY, values: [resourceId, date] });
    const { slots } = rows[0];
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(slots),
    });
    response.end(slots);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    greeting: (server.address() as AddressInfo).port,
    answer(command) {
      if (command.do !== 'measure') throw new Error('the bound is only asked and measured');
      return measure(command, { writes: 0, executions: null });
    },
  };
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
