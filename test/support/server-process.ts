import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { withDeadline } from './deadline.ts';
import { programFile } from './program.ts';
import { watchOutput } from './secrets.ts';

/** floorwire as a process of its own, so that it can be killed. */
export interface ServerProcess {
  readonly url: string;
  readonly process: ChildProcess;
  /** How it ended. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** What it wrote to its standard error so far. */
  readonly stderr: () => string;
  /** Its log so far. */
  readonly stdout: () => string;
}

const READY_MS = 60_000;

/** A test reconnects more often than people do. */
const SETTINGS = {
  PORT: '0',
  DEMO: '0',
  LOG_LEVEL: 'info',
  LIMIT_CONNECTS_PER_USER: '1000000',
  // A new machine shows UTC: that its clock is set would come between what a test waits for.
  SAS_CLOCK_DRIFT: 'off',
};

/** The demo venue with machines that nobody polls: to drive them takes more than all that is asked of it about people and keys. */
export const UNDRIVEN_DEMO = { DEMO: '1', SAS_DRIVES: 'none' };

/** Starts it and waits until it answers, or has ended instead. */
export async function startServerProcess(environment: Record<string, string>): Promise<ServerProcess> {
  return await startProcess([programFile('main')], { ready: 'floorwire answers', environment });
}

/** The same for `floorwire driver`, which answers nobody: its `url` says only whether it has started. */
export async function startDriverProcess(environment: Record<string, string>): Promise<ServerProcess> {
  return await startProcess([programFile('cli'), 'driver'], { ready: 'floorwire drives lines', environment });
}

async function startProcess(
  program: readonly string[],
  { ready, environment }: { readonly ready: string; readonly environment: Record<string, string> },
): Promise<ServerProcess> {
  const child = spawn(process.execPath, program, {
    env: { PATH: process.env.PATH, ...SETTINGS, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  let stdout = '';
  const hear = (line: string) => {
    stdout += `${line}\n`;
  };
  watchOutput('what the server said', () => stdout + stderr);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const url = await withDeadline(
    Promise.race([readUrl(child, ready, hear), exited.then(() => '')]),
    READY_MS,
    'the server process to answer',
  );
  return { url, process: child, exited, stderr: () => stderr, stdout: () => stdout };
}

/** Reads on to the end: a full pipe must not stop the server. */
function readUrl({ stdout }: ChildProcess, ready: string, onLine: (line: string) => void): Promise<string> {
  if (!stdout) throw new Error('no standard output');
  return new Promise((resolve) => {
    createInterface({ input: stdout }).on('line', (line) => {
      onLine(line);
      const entry: { msg?: string; url?: string } = line.startsWith('{') ? JSON.parse(line) : {};
      if (entry.msg === ready) resolve(entry.url ?? 'started');
    });
  });
}
