import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `npm run check`: what a commit must satisfy besides the tests. Each check says what it found; all of them run. */
const root = fileURLToPath(new URL('..', import.meta.url));

const CHECKS = {
  types: () => run('tsc', ['--noEmit', '-p', 'tsconfig.json']),
  // By itself, with what a browser has and no type of Node.
  client: () => run('tsc', ['--noEmit', '-p', 'tsconfig.client.json']),
  'lint and format': () => run('biome', ['ci', ...(process.stdout.isTTY ? [] : ['--colors=off']), '.']),
  // Without the configuration: it reads files, and needs no database.
  rooms: () => run('vitest', ['run', 'test/architecture.test.ts']),
  schema: schemaIsCurrent,
  'typed documents': () => run('graphql-codegen', ['--config', 'codegen.ts', '--check']),
};

const failed = Object.entries(CHECKS).filter(([name, check]) => {
  console.log(`\n── ${name}`);
  return !check();
});

console.log(
  failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.map(([name]) => name).join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function run(program, args) {
  const { status } = spawnSync(join(root, 'node_modules/.bin', program), args, {
    cwd: root,
    stdio: 'inherit',
  });
  return status === 0;
}

function schemaIsCurrent() {
  const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/print-schema.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) return false;
  const isCurrent = stdout === readFileSync(join(root, 'schema.graphql'), 'utf8');
  console.log(
    isCurrent ? 'schema.graphql is current.' : 'schema.graphql has drifted: run `npm run codegen`.',
  );
  return isCurrent;
}
