import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A running program of the topology. Disposing it asks it to stop, and in the end makes it. */
export interface Part extends AsyncDisposable {
  readonly name: string;
  readonly pid: number | undefined;
  /** Resolves with how it ended, in one line. */
  readonly ended: Promise<string>;
}

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads on its standard input. */
  readonly input?: string;
  /** Whether it does its work. What it throws means "not yet". */
  readonly isReady: () => Promise<boolean>;
  /** How long it may take to stop when it is asked. */
  readonly graceMs: number;
}

/** Takes each line that a part writes. */
export type PartLog = (part: string, line: string) => void;

/** Why the topology does not run; `message` is for a person. */
export class PartError extends Error {
  override readonly name = 'PartError';
}

const READY_MS = 120_000;
const READY_POLL_MS = 50;
const KEPT_LINES = 10;

/**
 * Starts a program and waits until it is ready. It has a process group of its own, so that Ctrl-C reaches it
 * when its turn has come; it ends when this process does, whatever ended that, where the system can do so.
 *
 * @throws PartError with its last lines when it ends before it is ready, or takes two minutes
 */
export async function startPart(program: Program, log: PartLog): Promise<Part> {
  const lastLines: string[] = [];
  const part = await run(program, (line) => {
    lastLines.push(line);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
    log(program.name, line);
  });
  const failure = await failureToStart(program, part);
  if (failure === null) return part;
  await part[Symbol.asyncDispose]();
  throw new PartError([failure, ...lastLines].join('\n'));
}

async function run(program: Program, onLine: (line: string) => void): Promise<Part> {
  const { name, command, args, env = {}, input = '', graceMs } = program;
  const [first = command, ...rest] = [...(await dieWithParent()), command, ...args];
  const { PATH = '', HOME = '/' } = process.env;
  const child = spawn(first, rest, { detached: true, env: { PATH, HOME, ...env }, stdio: 'pipe' });
  // One that ends before it reads is told by its end.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  for (const output of [child.stdout, child.stderr]) createInterface({ input: output }).on('line', onLine);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${name} cannot be started: ${error.message}`));
    child.once('close', (code, signal) => resolve(`${name} ended (${signal ?? `exit code ${code}`})`));
  });
  return {
    name,
    pid: child.pid,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Waits until it is ready; why it will not be, in one line, otherwise. */
async function failureToStart({ name, isReady }: Program, { ended }: Part): Promise<string | null> {
  const started = performance.now();
  while (performance.now() - started < READY_MS) {
    if (await isReady().catch(() => false)) return null;
    const end = await Promise.race([ended, pause(READY_POLL_MS, null)]);
    if (end !== null) return end;
  }
  return `${name} does not answer.`;
}

const DIE_WITH_PARENT = ['setpriv', '--pdeathsig', 'TERM', '--'] as const;
let prefix: Promise<readonly string[]> | undefined;

function dieWithParent(): Promise<readonly string[]> {
  const [command, ...args] = DIE_WITH_PARENT;
  prefix ??= promisify(execFile)(command, [...args, 'true']).then(
    () => DIE_WITH_PARENT,
    () => [],
  );
  return prefix;
}
