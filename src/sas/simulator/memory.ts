/**
 * The non-volatile memory of a simulated machine.
 *
 * A state is in the memory before anybody can see it: whatever moment the process is killed at, the machine comes
 * back with every meter it ever showed.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { makeFolderSync } from '../../lib/folder.ts';
import { type CabinetState, newCabinetState } from './cabinet-state.ts';

export interface MachineMemory {
  /** What was saved last; null in a new machine. @throws MachineMemoryError */
  load(): CabinetState | null;
  /** Returns when the state is safe. @throws MachineMemoryError */
  save(state: CabinetState): void;
}

/** The memory cannot be read or written, or is not one of a machine of ours. */
export class MachineMemoryError extends Error {
  override readonly name = 'MachineMemoryError';
}

/** Forgets with the process. */
export function volatileMemory(state: CabinetState | null = null): MachineMemory {
  let kept = state;
  return {
    load: () => kept,
    save(next) {
      kept = next;
    },
  };
}

/** A JSON file. A damaged or foreign one is refused, never overwritten: meters are not made up. */
export function fileMemory(path: string): MachineMemory {
  return {
    load() {
      const text = readIfThere(path);
      return text === null ? null : parse(text, path);
    },
    save(state) {
      const body = JSON.stringify(stored(state), written);
      const text = `{"format":"${FORMAT}","crc32":${crc32(body)},"state":${body}}\n`;
      try {
        makeFolderSync(dirname(path));
        // Renaming is atomic: the file is the old state or the new one, never a part of either.
        writeFileSync(`${path}.tmp`, text, { mode: 0o600 });
        renameSync(`${path}.tmp`, path);
      } catch (cause) {
        throw new MachineMemoryError(`The machine memory ${path} cannot be written.`, { cause });
      }
    },
  };
}

const FORMAT = 'floorwire-machine-1';
const BIGINT = /^-?\d+n$/;

const MAP_KEY = 'entries';

/** The file of a machine from before it had more maps than its meters says them as a list. */
const stored = (state: CabinetState): object => ({ ...state, meters: Array.from(state.meters) });

function written(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  return value instanceof Map ? { [MAP_KEY]: Array.from(value) } : value;
}

function revived(_: string, value: unknown): unknown {
  if (typeof value === 'string') return BIGINT.test(value) ? BigInt(value.slice(0, -1)) : value;
  const isMap =
    typeof value === 'object' && value !== null && MAP_KEY in value && Array.isArray(value[MAP_KEY]);
  return isMap ? new Map(value[MAP_KEY] as [unknown, unknown][]) : value;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new MachineMemoryError(`The machine memory ${path} cannot be read.`, { cause });
  }
}

function parse(text: string, path: string): CabinetState {
  const head = /^\{"format":"([^"]*)","crc32":(\d+),"state":(.*)\}\n$/s.exec(text);
  const [, format, checksum, body] = head ?? [];
  if (body === undefined || format !== FORMAT) {
    throw new MachineMemoryError(
      `${path} is not a machine memory (${FORMAT}). Move it away to start a new machine.`,
    );
  }
  if (crc32(body) !== Number(checksum)) {
    throw new MachineMemoryError(
      `The machine memory ${path} is damaged. Move it away to start a new machine.`,
    );
  }
  // The format and the checksum say that `save` wrote this, so it has the shape `save` was given.
  const state = JSON.parse(body, revived) as Omit<CabinetState, 'meters'> & {
    meters: [number, bigint][];
  };
  // What the machine learned to remember since then is as in a new one.
  return { ...newCabinetState(), ...state, meters: new Map(state.meters) };
}
