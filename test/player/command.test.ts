import { expect, test } from 'vitest';
import { type Commanded, executeCommand } from '../../src/player/command.ts';
import { createStage } from '../../src/player/stage.ts';
import { aPlayedLayout } from '../support/played.ts';

const layout = aPlayedLayout({ head: { __typename: 'TextContent', text: 'Welcome' } });

function aScreen() {
  const stage = createStage('SCREEN-1', () => 'WHOLE');
  stage.show(7n, layout);
  const now = { reloads: 0 };
  const commanded: Commanded = {
    stage,
    health: () => ({ uptimeSeconds: 5 }),
    reload() {
      now.reloads += 1;
    },
    nowMs: () => 1_000,
  };
  const told = (kind: string, parameters: { seconds?: number; on?: boolean } = {}) =>
    executeCommand({ id: kind, kind, parameters: { seconds: null, on: null, ...parameters } }, commanded);
  return { stage, now, told };
}

test.each(['REBOOT', 'RELOAD'])('%s has the player look at everything again', (kind) => {
  const { now, told } = aScreen();
  expect([told(kind), now.reloads]).toEqual([{ state: 'SUCCEEDED' }, 1]);
});

test('SCREENSHOT sends what is to be seen', () => {
  const { lines } = aScreen().told('SCREENSHOT').result as { readonly lines: readonly string[] };
  expect(lines).toHaveLength(24);
  expect(lines[1]).toMatch(/^│Welcome {71}│$/);
});

test('DIAGNOSTICS sends how the player is, and what it shows', () => {
  expect(aScreen().told('DIAGNOSTICS').result).toEqual({
    uptimeSeconds: 5,
    layout: 'Lobby',
    displayVersion: '7',
    isOn: true,
  });
});

test('IDENTIFY shows which one it is for as long as it says', () => {
  const { stage, told } = aScreen();
  told('IDENTIFY', { seconds: 5 });
  const seen = (atMs: number) => stage.draw({ width: 30, height: 3 }, atMs)[1];
  expect(seen(5_999)).toContain('SCREEN-1');
  expect(seen(6_000)).toContain('Welcome');
});

test('SET_POWER makes it dark, and shows again what it showed', () => {
  const { stage, told } = aScreen();
  const picture = () => stage.draw({ width: 30, height: 3 }, 0).join('').trim();
  told('SET_POWER', { on: false });
  expect([stage.isOn, picture()]).toEqual([false, '']);
  told('SET_POWER', { on: true });
  expect(picture()).toContain('Welcome');
});

test.each(['SET_VOLUME', 'SET_BRIGHTNESS', 'CUSTOM', 'WHATEVER'])('%s it says it cannot do', (kind) => {
  expect(aScreen().told(kind)).toEqual({ state: 'FAILED', message: `This player cannot do ${kind}.` });
});
