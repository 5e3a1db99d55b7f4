import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { openGraphiql } from '../support/browser.ts';
import { PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';

const floor = await aFloorApp();
await floor.online();

const OPERATIONS = `mutation SignIn {
  login(input: { identifier: "operator", password: "${PASSWORD}" }) {
    ... on LoginSuccess { accessToken }
    ... on Error { code message }
  }
}

subscription Meters {
  meters {
    machine { name status }
    readAt
    values { code value money { formatted } delta }
  }
}`;

test('a newcomer signs in on the page and sees meters move', { timeout: 120_000 }, async (context) => {
  await using graphiql = await openGraphiql(`${floor.app().url}/graphql`, context);
  const frames: string[] = [];
  graphiql.page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      if (String(payload).includes('"next"')) frames.push(String(payload));
    });
  });

  // On one line: the editor indents what comes after a line break.
  await graphiql.write(OPERATIONS.replaceAll(/\s+/g, ' '));
  await graphiql.page.getByRole('button', { name: /prettify/i }).click();
  await graphiql.page.locator('.graphiql-query-editor .view-lines').click();
  await graphiql.page.keyboard.press('Control+Home');
  await graphiql.run('SignIn');
  await graphiql.responseWith('accessToken');
  await graphiql.run('Meters');
  // One of each machine as it stands.
  await eventually(() => frames.length >= 2);

  const [egm] = floor.egms;
  egm?.insertBill(20n);
  for (let game = 0; frames.length < 5; game += 1) {
    const before = frames.length;
    egm?.play({ wager: 5n, win: game % 3 === 0 ? 15n : 0n });
    await eventually(() => frames.length > before);
  }
  await graphiql.responseWith('"delta": "1"');
  expect(frames.every((frame) => frame.includes('"meters"') && !frame.includes('"errors"'))).toBe(true);

  const foreign = graphiql.requested.filter(
    (url) => !/^(?:http|ws):\/\/127\.0\.0\.1:\d+\/|^(?:data|blob):/.test(url),
  );
  expect(foreign).toEqual([]);
  const picture = process.env.SCREENSHOT;
  if (picture) {
    await mkdir(dirname(picture), { recursive: true });
    await graphiql.page.screenshot({ path: picture });
  }
});
