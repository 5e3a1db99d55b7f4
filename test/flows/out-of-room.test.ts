import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0 });
const { transports } = transportsTo(floor);
const token = await floor.token('PLAYER');
const owner = openDatabase({ connection: floor.connection, poolSize: 1, applicationName: 'owner' });
afterAll(() => owner[Symbol.asyncDispose]());

const CHANGE =
  'mutation { updateProfile(input: { displayName: "Rosa", expectedVersion: 1 }) { __typename } }';

interface Line {
  readonly requestId?: string;
  readonly fault?: { readonly code: string; readonly message: string };
  readonly codes?: readonly string[];
}

test.each([
  ['its disk is full', '53100'],
  ['it is out of memory', '53200'],
  ['its disk fails', '58030'],
  ['it only reads', '25006'],
])(
  'where PostgreSQL takes nothing because %s, the same may be asked again, and the log says why',
  async (why, code) => {
    const body = `begin raise exception '${why}' using errcode = '${code}'; end`;
    await sql`create or replace function refuse() returns trigger language plpgsql as ${sql.lit(body)}`.execute(
      owner.db,
    );
    await sql`create or replace trigger refuse before update on app_user execute function refuse()`.execute(
      owner.db,
    );
    for (const [, ask] of transports) {
      const { errors } = await ask(CHANGE, { token });
      const [{ message, extensions }] = errors;
      expect([message, extensions.code, extensions.retryable]).toEqual([
        'The database is unavailable. Try again shortly.',
        'SYS_002',
        true,
      ]);
      const line = await eventually(() => {
        const lines = floor.logged().trimEnd().split('\n');
        return lines
          .map((each): Line => JSON.parse(each))
          .find(({ requestId, codes }) => requestId === extensions.requestId && codes);
      });
      expect(line).toMatchObject({ codes: ['SYS_002'], fault: { code, message: why } });
    }
  },
);
