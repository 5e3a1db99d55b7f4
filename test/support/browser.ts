import type { Page } from 'playwright-core';
import type { TestContext } from 'vitest';
import { aBrowser } from './chromium.ts';
import { eventually } from './deadline.ts';

/** GraphiQL in a real browser, driven as a person does. */
export interface GraphiqlPage extends AsyncDisposable {
  readonly page: Page;
  /** Every URL the page asked for, over whatever protocol. */
  readonly requested: readonly string[];
  /** What the page complained of in its console. */
  readonly complaints: readonly string[];
  /** Replaces what stands in the query editor. */
  write(query: string): Promise<void>;
  /** Replaces what stands in the header editor. */
  writeHeaders(headers: Readonly<Record<string, string>>): Promise<void>;
  /** Runs what stands in the editor; of several operations the one that is named. */
  run(operationName?: string): Promise<void>;
  /** The text of the answer, as far as it is on the screen. */
  response(): Promise<string>;
  /** Waits for an answer that holds this text. */
  responseWith(text: string | RegExp): Promise<string>;
}

/** After this the menu is taken to be that of an earlier text, and opened anew. */
const MENU_OPENS_MS = 2_000;

export async function openGraphiql(url: string, context: TestContext): Promise<GraphiqlPage> {
  const browser = await aBrowser(context);
  const page = await browser.newPage();
  const requested: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  page.on('websocket', (socket) => requested.push(socket.url()));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  await page.locator('.graphiql-query-editor .view-lines').waitFor();

  const fill = async (editor: string, text: string) => {
    await page.locator(`${editor} .view-lines`).click();
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    // Typed character by character the editor would close brackets and complete words.
    await page.keyboard.insertText(text);
  };
  /**
   * It is a menu while the editor holds several operations, which it learns a moment after they were
   * written: a click before that opens the menu of the text before, and runs nothing.
   */
  const button = page.locator('.graphiql-execute-button');
  const response = async () => {
    const lines = await page.locator('.result-window .view-line').allInnerTexts();
    return lines.join('\n').replaceAll('\u00a0', ' ');
  };
  return {
    page,
    requested,
    complaints,
    response,
    write: (query) => fill('.graphiql-query-editor', query),
    async writeHeaders(headers) {
      await page.getByRole('button', { name: 'Headers' }).click();
      await fill('.graphiql-editor-tool .graphiql-editor:not(.hidden)', JSON.stringify(headers));
    },
    async run(operationName) {
      if (operationName === undefined) return await button.and(page.locator(':not([aria-haspopup])')).click();
      await eventually(async () => {
        await button.and(page.locator('[aria-haspopup]')).click();
        const item = page.getByRole('menuitem', { name: operationName, exact: true });
        const isListed = await item.waitFor({ timeout: MENU_OPENS_MS }).then(
          () => true,
          () => false,
        );
        await (isListed ? item.click() : page.keyboard.press('Escape'));
        return isListed;
      });
    },
    responseWith: (text) =>
      eventually(async () => {
        const shown = await response();
        return (typeof text === 'string' ? shown.includes(text) : text.test(shown)) && shown;
      }),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
