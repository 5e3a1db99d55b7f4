import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * A mark no other process ever shares with this pid: when it started. Null when there is no such
 * process, or only its unreaped remains.
 */
export async function processStart(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return await ps(pid, 'lstart=');
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; fields are counted after it (proc(5): 3 state, 22 start).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()} ${fields[19]}`;
  } catch {
    return null;
  }
}

/** Program and arguments of a living process, joined by spaces; null when there is none. */
export async function commandLine(pid: number): Promise<string | null> {
  if ((await processStart(pid)) === null) return null;
  if (process.platform !== 'linux') return await ps(pid, 'command=');
  const content = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return content.split('\0').join(' ').trim();
}

/** The folder a process works in; null where this system or this user cannot tell. */
export async function workingFolder(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  return await readlink(`/proc/${pid}/cwd`).catch(() => null);
}

async function ps(pid: number, column: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', column, '-p', String(pid)]);
    return stdout.trim() || null;
  } catch {
    return null;
  }
}
