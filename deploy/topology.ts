import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { explainFailure } from '../src/start-failure.ts';
import { PartError } from './native/part.ts';
import type { Topology } from './native/topology.ts';

/** `npm run topology`: what compose.yaml starts, from the programs of this machine. */
const USAGE = `npm run topology -- [--port 8080] [--data FOLDER] [--env FILE] [--program FILE]

Starts PostgreSQL, Redis, two API processes and nginx on loopback until it is told to stop.
  --port  where nginx answers; default 8080
  --data  keeps the database and the secrets; default: a temporary folder, which goes at the end
  --env   what the API processes are told; default: deploy/floorwire.env, or else its example
  --program  what the API processes run, as it was built: dist/main.js; default: src/main.ts, compiled as it is loaded
`;

const inDeploy = (name: string) => fileURLToPath(new URL(name, import.meta.url));

try {
  const options = readOptions();
  if (options === null) process.stdout.write(USAGE);
  else {
    // A wrong option is told before everything is loaded.
    const { startTopology } = await import('./native/topology.ts');
    await runUntilStopped(startTopology({ ...options, log: print }));
  }
} catch (error) {
  if (!(error instanceof PartError)) explainFailure(error);
  else {
    process.stderr.write(`topology: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/** Null when help is asked for. @throws PartError for what is no option */
function readOptions() {
  const { port, data, env, program, help } = parse();
  if (help) return null;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535 || port === '0')
    throw new PartError('--port takes a number from 1 to 65535.');
  const own = inDeploy('floorwire.env');
  const envFile = env ?? (existsSync(own) ? own : inDeploy('floorwire.env.example'));
  if (!existsSync(envFile)) throw new PartError(`--env: there is no ${envFile}.`);
  if (program && !existsSync(program)) throw new PartError(`--program: there is no ${program}.`);
  return { port: Number(port), envFile, ...(data && { folder: data }), ...(program && { program }) };
}

function parse() {
  const options = {
    port: { type: 'string', default: '8080' },
    data: { type: 'string' },
    env: { type: 'string' },
    program: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (cause) {
    throw new PartError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** The first signal, or the first part that ends by itself, stops all of them. */
async function runUntilStopped(starting: Promise<Topology>): Promise<void> {
  const stopped = new Promise<null>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(null));
  });
  await using topology = await starting;
  greet(topology);
  const failure = await Promise.race([stopped, topology.failure]);
  if (failure === null) return;
  process.stderr.write(`topology: ${failure}, so the others are stopped.\n`);
  process.exitCode = 1;
}

function greet({ url, told: { settings, areNew } }: Topology): void {
  const lines = ['', `  GraphiQL  ${url}/graphql`];
  if (areNew && settings.DEFAULT_USERNAME)
    lines.push(
      `  Sign in as ${settings.DEFAULT_USERNAME} with ${settings.DEFAULT_PASSWORD}, and choose another password first.`,
    );
  process.stderr.write(`${lines.join('\n')}\n\n`);
}

function print(part: string, line: string): void {
  process.stdout.write(`${part.padEnd(8)} | ${line}\n`);
}
