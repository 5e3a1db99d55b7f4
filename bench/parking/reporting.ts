/** Sensors of a lot: each says again and again whether cars stand on some of its spaces. */
import { setTimeout as pause } from 'node:timers/promises';
import { serveCommands } from '../fanout/ipc.ts';
import { createWire } from '../wallet/http-wire.ts';
import type { ReportingCommand, ReportingTask, Said } from './protocol.ts';

/** How many spaces one call tells of. */
const PER_CALL = 10;
const REPORT = `mutation ($input: ReportOccupancyInput!) { reportOccupancy(input: $input) {
  __typename ... on ReportOccupancySuccess { outcomes } } }`;

serveCommands<ReportingTask, ReportingCommand>(async ({ port, tokens, spaceIds }) => {
  const devices = tokens.map((token) => createWire({ port, token }));
  /** One call of a device at a time: what it says comes in the order it is said. */
  const saying = devices.map((): Promise<void> => Promise.resolve());
  const taken = new Map<string, boolean>();
  const share = Math.floor(spaceIds.length / devices.length);
  let turn = 0;

  function say(): Promise<void> {
    const device = turn % devices.length;
    const first = device * share + ((Math.floor(turn / devices.length) * PER_CALL) % share);
    turn += 1;
    const reports = spaceIds.slice(first, first + PER_CALL).map((spaceId) => {
      const occupied = Math.random() < 0.5;
      taken.set(spaceId, occupied);
      return { spaceId, occupied, observedAt: new Date().toISOString() };
    });
    const said = (saying[device] ?? Promise.resolve()).then(async () => {
      const body = JSON.stringify({ query: REPORT, variables: { input: { reports } } });
      const { data } = JSON.parse((await devices[device]?.post(body)) ?? '{}');
      const outcomes: readonly string[] = data?.reportOccupancy?.outcomes ?? [];
      if (outcomes.length !== PER_CALL || outcomes.some((outcome) => outcome !== 'APPLIED'))
        throw new Error(`not all was taken: ${JSON.stringify(data)}`);
    });
    saying[device] = said;
    return said;
  }

  return {
    greeting: null,
    async answer({ perSecond, durationMs }): Promise<Said> {
      const calls = Math.round(((durationMs / 1_000) * perSecond) / PER_CALL);
      const started = performance.now();
      const said: Promise<void>[] = [];
      for (let call = 0; call < calls; call += 1) {
        await pause(Math.max(0, started + (call * durationMs) / calls - performance.now()));
        said.push(say());
      }
      await Promise.all(said);
      const occupied = [...taken.values()].filter((isTaken) => isTaken).length;
      return { reports: calls * PER_CALL, seconds: (performance.now() - started) / 1_000, occupied };
    },
  };
});
