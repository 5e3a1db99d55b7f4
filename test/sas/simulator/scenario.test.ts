import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { meterCode } from '../../../src/sas/codec/meters.ts';
import { discrepancies } from '../../../src/sas/simulator/audit.ts';
import { parseScenario, ScenarioError } from '../../../src/sas/simulator/scenario.ts';
import { runScenario } from '../../../src/sas/simulator/scenario-floor.ts';
import { manualClock } from './manual-clock.ts';

const fileOf = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const EXAMPLE = fileOf('docs/scenario.json');

test('the example of the README is the file beside it, and happens as it says', async () => {
  expect(fileOf('README.md')).toContain(EXAMPLE.trim());
  const clock = manualClock();
  const steps: string[] = [];
  await using floor = await runScenario(parseScenario(EXAMPLE), {
    transport: { kind: 'MEMORY' },
    clock,
    onStep: ({ do: what }, refusal) => void steps.push(refusal === null ? what : `${what}: ${refusal}`),
  });
  clock.advance(7_000);
  expect(floor.line.egms[0]?.egm).toBeNull();
  clock.advance(60_000);
  expect(steps).toEqual([
    'insertBill',
    'play',
    'openDoor',
    'play: DOOR_OPEN',
    'closeDoor',
    'cutPower',
    'restorePower',
    'cashOut',
  ]);
  const [first, second] = floor.line.egms.map(({ egm }) => egm?.state());
  expect(first?.meters.get(meterCode('VALIDATED_CASHABLE_TICKET_OUT_CENTS'))).toBe(2_030n);
  expect(first?.powerResets).toBe(2n);
  for (const state of [first, second]) expect(state && discrepancies(state)).toEqual([]);
});

test.each<[string, string, RegExp]>([
  ['no JSON', '{', /not JSON/],
  ['no machine', '{"machines":[]}', /machines/],
  ['two machines at one address', '{"machines":[{"address":1},{"address":1}]}', /same address/],
  [
    'a step of nobody',
    '{"machines":[{"address":1}],"script":[{"at":"00:00:01","machine":2,"do":"cashOut"}]}',
    /not there/,
  ],
  ['a switch nobody knows', '{"machines":[{"address":1,"profile":{"colour":"red"}}]}', /colour/],
  [
    'an action nobody knows',
    '{"machines":[{"address":1}],"script":[{"at":"00:00:01","machine":1,"do":"kick"}]}',
    /do/,
  ],
])('a file with %s is refused with the reason', (_, text, reason) => {
  expect(() => parseScenario(text)).toThrow(ScenarioError);
  expect(() => parseScenario(text)).toThrow(reason);
});

test('polls a profile does not name are met with silence', async () => {
  const profile = '{"supportedPolls":["1A"]}';
  const scenario = parseScenario(`{"machines":[{"address":1,"profile":${profile}}]}`);
  await using floor = await runScenario(scenario, { transport: { kind: 'MEMORY' }, clock: manualClock() });
  const [machine] = floor.line.egms;
  const answers: number[] = [];
  machine?.onReply((reply) => answers.push(reply[1] ?? 0));
  for (const symbol of [0x180, 0x101, 0x11, 0x101, 0x1a]) machine?.hear(symbol);
  expect(answers).toEqual([0x1a]);
});

test('a paced scenario answers when the bytes have come and gone, and its profile has taken its time', async () => {
  const clock = manualClock();
  const scenario = parseScenario('{"machines":[{"address":1,"profile":{"responseDelayMs":5}}]}');
  await using floor = await runScenario(scenario, { transport: { kind: 'MEMORY' }, clock, paced: true });
  const port = await floor.line.memory?.open();
  const heard: unknown[] = [];
  port?.onSymbols((symbols) => heard.push(...symbols));
  port?.send([0x180, 0x181]);
  const passed = async (ms: number): Promise<void> => {
    await Promise.resolve();
    clock.advance(ms);
    await Promise.resolve();
  };
  // Two bytes there and one back, at 0.573 ms, and the machine's five.
  await passed(6.7);
  expect(heard).toEqual([]);
  await passed(0.1);
  expect(heard).toEqual([0x17]);
});
