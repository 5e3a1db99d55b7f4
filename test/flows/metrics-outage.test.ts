import { afterAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { throughProxy } from '../db/proxy.ts';
import { cloneDatabase } from '../support/database.ts';
import { scrape } from '../support/metrics.ts';
import { NO_RATE_LIMITS } from '../support/rate-limits.ts';
import { steadyClock } from '../support/steady-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { connection } = await cloneDatabase();
const proxy = await throughProxy(connection);
const app = await createApp(
  {
    ...readConfig({ PORT: '0', DEMO: '0', DATA_DIR: await temporaryFolder() }),
    databaseUrl: proxy.connection,
    rateLimits: NO_RATE_LIMITS,
  },
  createLogger('silent'),
);
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await app[Symbol.asyncDispose]();
});

/** A query that waits for a silent server fails after 20 s; the scrape must not wait for that. */
const SOON_MS = 10_000;

async function scrapedWhileAway(): Promise<void> {
  using clock = steadyClock();
  const { value, text } = await scrape(app.url);
  expect(clock.elapsedMs).toBeLessThan(SOON_MS);
  expect(value('floorwire_database_up')).toBe(0);
  expect(text).not.toMatch(/^floorwire_(outbox|log|tail|sas|machines)\S* \d/m);
  expect(value('floorwire_sockets')).toBe(0);
  expect(value('floorwire_http_responses_total{status="2xx"}')).toBeGreaterThan(0);
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(0);
}

test('a database that falls silent, and then one that is gone, takes its own figures away and no other', async () => {
  const before = await scrape(app.url);
  expect(before.value('floorwire_database_up')).toBe(1);
  expect(before.value('floorwire_outbox_events')).toBeTypeOf('number');
  proxy.swallow();
  await scrapedWhileAway();
  await scrapedWhileAway();
  await proxy[Symbol.asyncDispose]();
  await scrapedWhileAway();
}, 120_000);
