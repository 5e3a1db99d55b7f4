/** What every server of GraphQL does until it answers, and nothing else: node, HTTP, and one question to PostgreSQL. */
import { createServer } from 'node:http';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
createServer(async (_request, response) => {
  const { rows } = await pool.query('select now()');
  response.end(JSON.stringify(rows));
}).listen(Number(process.env.PORT), '127.0.0.1');
