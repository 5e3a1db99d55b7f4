import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createLine } from '../../src/sas/simulator/line.ts';
import { aPortServer } from '../sas/host/port-server.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { programFile } from '../support/program.ts';

const PATIENCE = { deadlineMs: 60_000 };

test('a machine behind a port server is watched, and what the line was like is said at the end', async () => {
  await using server = await aPortServer();
  using egm = createEgm({ address: 5 });
  const line = createLine({ egms: [egm] });
  server.onWire((symbol) => line.hear([symbol]));
  line.onReply((symbols) => server.receive(symbols));

  const port = `tcp://127.0.0.1:${server.port}`;
  const options = ['--wakeup', 'rfc2217', '--profile', 'interblock', '--poll', '5'];
  const watch = spawn(process.execPath, [programFile('cli'), 'watch', '--port', port, ...options]);
  let [out, err] = ['', ''];
  watch.stdout.on('data', (text) => {
    out += text;
  });
  watch.stderr.on('data', (text) => {
    err += text;
  });
  const ended = once(watch, 'close');
  await eventually(() => /5 → host {2}1F .*gameId FW/.test(out), PATIENCE);
  await eventually(() => /5 → host {2}exception 17 /.test(out), PATIENCE);
  watch.kill('SIGINT');
  expect(await withDeadline(ended, PATIENCE.deadlineMs, 'the end of the command')).toEqual([0, null]);

  const worstGapMs = Number(/^floorwire: line: .* {2}worstGapMs ([\d.]+) /m.exec(err)?.[1]);
  expect(worstGapMs).toBeGreaterThanOrEqual(3);
  expect(err).toMatch(/^floorwire: machine 5: state ONLINE {2}polls \d+ {2}.* {2}roundTripMs [\d.]+ /m);
});
