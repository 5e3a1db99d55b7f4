import { expect, test } from 'vitest';
import { createOutageLog } from '../../src/app/outage-log.ts';
import { DatabaseUnavailableError } from '../../src/lib/errors.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { eventually } from '../support/deadline.ts';

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly warnings?: number;
  readonly err?: { readonly code: string };
}

const REFUSED = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** A log on a PostgreSQL that is away as long as there is a failure. */
function aLog(level: string) {
  const lines: Line[] = [];
  const stopped = new AbortController();
  const database: { failure: Error | null; asked: number } = { failure: null, asked: 0 };
  const log = createOutageLog(createLogger(level, { write: (line) => void lines.push(JSON.parse(line)) }), {
    everyMs: 1,
    stopped: stopped.signal,
    async ask() {
      database.asked += 1;
      if (database.failure) throw database.failure;
    },
  });
  const told = (text: string) => eventually(() => lines.some(({ msg }) => msg.startsWith(text)));
  return { log, lines, database, told, stop: () => stopped.abort() };
}

test('an outage is told by its beginning, with the cause, and by its end', async () => {
  const { log, lines, database, told } = aLog('info');
  database.failure = REFUSED;
  log.warn({ err: REFUSED }, 'a task failed');
  await told('PostgreSQL is away');
  for (let at = 0; at < 100; at += 1) log.warn({ err: REFUSED }, 'a task failed');
  log.warn({ err: new DatabaseUnavailableError() }, 'another failed');
  log.warn({ err: new Error('out of paper') }, 'something else failed');
  log.warn('a word');
  database.failure = null;
  await told('PostgreSQL is back');
  expect(lines.map(({ msg }) => msg)).toEqual([
    'a task failed',
    expect.stringMatching(/^PostgreSQL is away/),
    'something else failed',
    'a word',
    'PostgreSQL is back',
  ]);
  expect(lines[1]?.err?.code).toBe('ECONNREFUSED');
  expect(lines.at(-1)).toMatchObject({ warnings: 101, awayMs: expect.any(Number) });

  // And the next one as well.
  database.failure = REFUSED;
  log.warn({ err: REFUSED }, 'a task failed');
  await eventually(() => lines.filter(({ msg }) => msg.startsWith('PostgreSQL is away')).length === 2);
  database.failure = null;
  await eventually(() => lines.filter(({ msg }) => msg === 'PostgreSQL is back').length === 2);
});

test('another cause is told as well, once', async () => {
  const { log, lines, database } = aLog('info');
  const full = Object.assign(new Error('sorry, too many clients already'), { code: '53300' });
  log.warn({ err: REFUSED }, 'a task failed');
  await eventually(() => database.asked === 1);
  database.failure = REFUSED;
  log.warn({ err: REFUSED }, 'a task failed');
  for (const failure of [REFUSED, full, REFUSED, full]) {
    database.failure = failure;
    const { asked } = database;
    await eventually(() => database.asked > asked + 1);
  }
  database.failure = null;
  await eventually(() => lines.at(-1)?.msg === 'PostgreSQL is back');
  const away = lines.filter(({ msg }) => msg.startsWith('PostgreSQL is away'));
  expect(away.map(({ err }) => err?.code)).toEqual(['ECONNREFUSED', '53300']);
});

test('at the level debug nothing is left out', async () => {
  const { log, lines, database, told } = aLog('debug');
  database.failure = REFUSED;
  log.warn({ err: REFUSED }, 'a task failed');
  await told('PostgreSQL is away');
  log.warn({ err: REFUSED }, 'a task failed again');
  expect(lines.at(-1)).toMatchObject({ level: 'debug', msg: 'a task failed again' });
  database.failure = null;
  await told('PostgreSQL is back');
});

test('what something else refuses is told each time', async () => {
  const { log, lines, database } = aLog('info');
  for (const count of [1, 2, 3]) {
    log.warn({ err: REFUSED }, 'no mail was sent');
    await eventually(() => database.asked === count);
  }
  expect(lines.map(({ msg }) => msg)).toEqual(['no mail was sent', 'no mail was sent', 'no mail was sent']);
});

test('once it is stopped nobody waits for an end', async () => {
  const { log, lines, database, told, stop } = aLog('info');
  database.failure = REFUSED;
  log.warn({ err: REFUSED }, 'a task failed');
  await told('PostgreSQL is away');
  stop();
  const asked = await eventually(async () => {
    const before = database.asked;
    await new Promise((resolve) => setImmediate(resolve));
    return database.asked === before && before;
  });
  database.failure = null;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([database.asked, lines.length]).toEqual([asked, 2]);
});
