/** A pair of pseudo-terminal ends, opened through the C library, with everything a terminal does switched off. */
import { closeSync, constants } from 'node:fs';

export interface PseudoTerminal {
  readonly masterFd: number;
  /** Kept open, so that the master goes on working while nobody has the device open. */
  readonly slaveFd: number;
  /** The device, such as /dev/pts/3. */
  readonly device: string;
}

/** This system has no pseudo-terminals for us, or has none left. */
export class PseudoTerminalError extends Error {
  override readonly name = 'PseudoTerminalError';
}

const PLATFORMS: ReadonlySet<string> = new Set(['linux', 'darwin']);
/** Where `openpty` may be: in what the process has loaded, or in a library of its own (glibc before 2.34). */
const LIBRARIES = [null, 'libutil.so.1', 'libutil.dylib'] as const;
/** Larger than struct termios anywhere. */
const TERMIOS_BYTES = 256;
/** Larger than any name of a device. */
const NAME_BYTES = 256;
const TCSANOW = 0;

// The same numbers on Linux and macOS.
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const F_GETFL = 3;
const F_SETFL = 4;

/** @throws PseudoTerminalError */
export async function openPseudoTerminal(): Promise<PseudoTerminal> {
  if (!PLATFORMS.has(process.platform)) {
    throw new PseudoTerminalError('Pseudo-terminals are for Linux and macOS; simulate over TCP here.');
  }
  const library = await loadLibrary();
  const [master, slave, name] = [new Int32Array(1), new Int32Array(1), new Uint8Array(NAME_BYTES)];
  library.call('openpty', library.openpty(master, slave, name, null, null));
  const [masterFd = -1] = master;
  const [slaveFd = -1] = slave;
  try {
    setUp(library, masterFd, slaveFd);
  } catch (error) {
    closeSync(masterFd);
    closeSync(slaveFd);
    throw error;
  }
  return { masterFd, slaveFd, device: new TextDecoder().decode(name.subarray(0, name.indexOf(0))) };
}

function setUp(library: Library, masterFd: number, slaveFd: number): void {
  const attributes = new Uint8Array(TERMIOS_BYTES);
  library.call('tcgetattr', library.tcgetattr(slaveFd, attributes));
  library.cfmakeraw(attributes);
  library.call('tcsetattr', library.tcsetattr(slaveFd, TCSANOW, attributes));
  // A child process that inherited the master would keep the line plugged in after we let go of it.
  for (const fd of [masterFd, slaveFd]) library.call('fcntl', library.fcntl(fd, F_SETFD, 'int', FD_CLOEXEC));
  const flags = library.call('fcntl', library.fcntl(masterFd, F_GETFL, 'int', 0));
  library.call('fcntl', library.fcntl(masterFd, F_SETFL, 'int', flags | constants.O_NONBLOCK));
}

type Library = Awaited<ReturnType<typeof loadLibrary>>;

async function loadLibrary() {
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);

  function find(declaration: string): (...args: unknown[]) => number {
    for (const path of LIBRARIES) {
      try {
        return koffi.load(path).func(declaration);
      } catch {
        // Not there; the next one may have it.
      }
    }
    throw new PseudoTerminalError('The C library of this system has no openpty.');
  }

  return {
    openpty: find(
      'int openpty(void *master, void *slave, void *name, const void *attributes, const void *size)',
    ),
    tcgetattr: libc.func('int tcgetattr(int fd, void *attributes)'),
    tcsetattr: libc.func('int tcsetattr(int fd, int actions, const void *attributes)'),
    cfmakeraw: libc.func('void cfmakeraw(void *attributes)'),
    fcntl: libc.func('int fcntl(int fd, int command, ...)'),
    /** The result of a call. @throws PseudoTerminalError when it failed */
    call(what: string, result: number): number {
      if (result < 0) throw new PseudoTerminalError(`${what} failed with errno ${koffi.errno()}.`);
      return result;
    },
  };
}
