import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import type { TestContext } from 'vitest';
import { afterEachFile } from './each-file.ts';
import { requires } from './requires.ts';

let starting: Promise<Browser> | null = null;
afterEachFile(async () => {
  const started = starting;
  starting = null;
  await (await started)?.close();
});

/**
 * A browser that has seen nothing yet, of which there may be several: a process of its own would take as long to start
 * as most tests to run. It goes with the test at the latest.
 */
export async function aBrowser(context: TestContext): Promise<BrowserContext> {
  const executablePath = requires('chromium', context);
  starting ??= chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const browser = await (await starting).newContext({ viewport: { width: 1400, height: 1000 } });
  context.onTestFinished(() => browser.close());
  return browser;
}
