import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { cloneDatabase } from '../support/database.ts';
import { withDeadline } from '../support/deadline.ts';
import { programFile } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('who ends npm start ends the server, which takes its leave', async () => {
  const { connection } = await cloneDatabase();
  const npm = spawn('npm', ['start', '--silent'], {
    // The package as it was built for this run.
    cwd: dirname(dirname(programFile('main'))),
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DATA_DIR: await temporaryFolder(),
      DATABASE_URL: connection,
      PORT: '0',
      DEMO: '0',
      SAS_DRIVES: 'none',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    // So that all of them can be ended whatever comes.
    detached: true,
  });
  let said = '';
  let hear = () => {};
  npm.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    hear();
  });
  const hears = (text: string) =>
    new Promise<void>((resolve) => {
      hear = () => {
        if (said.includes(text)) resolve();
      };
      hear();
    });
  // Whatever still writes there has not ended.
  const silent = once(npm.stdout, 'close');
  try {
    await withDeadline(hears('floorwire answers'), 60_000, 'the server to answer');
    npm.kill('SIGTERM');
    await withDeadline(silent, 20_000, 'the server to end');
    expect(said).toContain('"msg":"stopped"');
  } finally {
    endGroup(npm.pid);
  }
});

/** Those of it that are left. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of them have ended.
  }
}
