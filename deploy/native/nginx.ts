import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Part, type PartLog, startPart } from './part.ts';

const DEPLOY = fileURLToPath(new URL('..', import.meta.url));
const STOP_MS = 5_000;
/** As many open files as it may have: two for each socket. */
const ALL_FILES = ['-c', 'ulimit -n "$(ulimit -Hn)" && exec "$@"', 'sh'];

export interface NginxOptions {
  readonly program: string;
  /** For its configuration and whatever it writes; made when missing. */
  readonly folder: string;
  /** On loopback. */
  readonly port: number;
  readonly apiPorts: readonly [number, number];
  readonly log: PartLog;
  /** Where its TLS is configured. Default: deploy/tls. */
  readonly tlsFolder?: string;
  /** The configuration to fill in. Default: deploy/nginx.conf. */
  readonly template?: string;
}

/** nginx before two API processes on this machine, which need not run yet. */
export async function startNginx(options: NginxOptions): Promise<Part> {
  const { program, folder, port, apiPorts, log } = options;
  const file = join(folder, 'nginx.conf');
  await mkdir(folder, { recursive: true, mode: 0o711 });
  await writeFile(
    file,
    fillIn(options.template ?? (await nginxTemplate()), {
      FLOORWIRE_LISTEN: `127.0.0.1:${port}`,
      FLOORWIRE_API_1: `127.0.0.1:${apiPorts[0]}`,
      FLOORWIRE_API_2: `127.0.0.1:${apiPorts[1]}`,
    }),
  );
  const tls = join(folder, 'tls');
  await rm(tls, { force: true });
  await symlink(options.tlsFolder ?? join(DEPLOY, 'tls'), tls);
  const nginx = [program, '-e', 'stderr', '-p', `${folder}/`, '-c', file, '-g', 'daemon off;'];
  const isReady = () => accepts(port);
  return await startPart(
    { name: 'nginx', command: '/bin/sh', args: [...ALL_FILES, ...nginx], isReady, graceMs: STOP_MS },
    log,
  );
}

export const nginxTemplate = (): Promise<string> => readFile(join(DEPLOY, 'nginx.conf'), 'utf8');

/** As the image's envsubst does: `${NAME}`, and nothing of nginx's own variables. */
function fillIn(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
