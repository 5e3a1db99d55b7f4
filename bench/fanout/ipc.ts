import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { buildHelper } from './build-helper.ts';

/** A process of the bench that answers commands. */
export interface Helper<Command> extends AsyncDisposable {
  /** What it said when it was ready. */
  readonly greeting: unknown;
  ask<Answer>(command: Command): Promise<Answer>;
}

/** Whether servers have a core of their own: everything else shares the others. */
export const isPinned = cpus().length > 1;
const SERVER_CORE = '0';
const OTHER_CORES = `1-${Math.max(1, cpus().length - 1)}`;
const CORES = { SERVER: SERVER_CORE, OTHER: OTHER_CORES, FREE: '' } as const;

/** This process, and PostgreSQL with it, keeps off the core of the servers. */
export function pinOthers(): void {
  try {
    execFileSync('taskset', ['-a', '-p', '-c', '1', String(process.pid)], { stdio: 'ignore' });
  } catch {
    console.log('  taskset is not there: the servers share their cores with their clients');
  }
}

export interface HelperOptions {
  readonly file: string;
  readonly task: unknown;
  /** A SERVER has a core of its own and an OTHER process the rest; one that is FREE runs wherever there is room. */
  readonly role: 'SERVER' | 'OTHER' | 'FREE';
  /** Open files it needs; it says when it cannot have them. */
  readonly openFiles?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** `BENCH_PROFILE=<folder>` leaves a CPU profile of every process there that is not an OTHER. */
const profiling = (role: HelperOptions['role']): readonly string[] => {
  const folder = process.env.BENCH_PROFILE;
  return folder && role !== 'OTHER' ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];
};

/** Raises the limit of open files as far as it may, and says how far that was. */
const LAUNCH = `
wanted=$1; cores=$2; shift 2
ulimit -n "$wanted" 2>/dev/null || ulimit -n "$(ulimit -Hn)"
[ "$(ulimit -n)" = unlimited ] || [ "$(ulimit -n)" -ge "$wanted" ] || echo "  ulimit -n could not be raised to $wanted: it is $(ulimit -n)" >&2
if [ -n "$cores" ] && command -v taskset >/dev/null; then exec taskset -c "$cores" "$@"; fi
exec "$@"`;

export async function startHelper<Command>(options: HelperOptions): Promise<Helper<Command>> {
  const { file, task, role, openFiles = 256, environment = {} } = options;
  const cores = isPinned ? CORES[role] : '';
  const path = await buildHelper(fileURLToPath(new URL(file, import.meta.url)));
  const child = spawn(
    'sh',
    [
      '-c',
      LAUNCH,
      'sh',
      String(openFiles),
      cores,
      process.execPath,
      '--expose-gc',
      '--no-warnings',
      ...profiling(role),
      path,
    ],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    },
  );
  const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  const gone = once(child, 'exit').then(([code]) => {
    const error = new Error(`${file} ended with ${code}`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    return error;
  });
  let numbers = 0;
  const ask = <Answer>(command: unknown): Promise<Answer> =>
    new Promise((resolve, reject) => {
      numbers += 1;
      waiting.set(numbers, { resolve, reject });
      child.send({ number: numbers, command });
    });
  child.on('message', ({ number, answer }: { number: number; answer: never }) => {
    waiting.get(number)?.resolve(answer);
    waiting.delete(number);
  });
  const greeting = await ask(task);
  return {
    greeting,
    ask,
    async [Symbol.asyncDispose]() {
      await end(child);
      await gone;
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) child.disconnect();
}

/** In such a process: makes it ready by its task, then answers each command. It ends with its parent. */
export function serveCommands<Task, Command>(
  prepare: (
    task: Task,
  ) => Promise<{ readonly greeting: unknown; readonly answer: (command: Command) => unknown }>,
): void {
  let answer: ((command: Command) => unknown) | null = null;
  process.on('message', async ({ number, command }: { number: number; command: unknown }) => {
    try {
      if (answer) return reply(number, await answer(command as Command));
      const ready = await prepare(command as Task);
      answer = ready.answer;
      reply(number, ready.greeting);
    } catch (error) {
      console.error(error);
      process.exit(1);
    }
  });
  process.once('disconnect', () => process.exit(0));
}

function reply(number: number, answer: unknown): void {
  process.send?.({ number, answer: answer ?? null });
}
