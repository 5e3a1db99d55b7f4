import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Builds `dist/` after an installation. Without the development dependencies there is no compiler,
 * and nothing is done: what was built before is what runs.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = findCompiler();

if (compiler) {
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  const cli = join(root, 'dist/cli.js');
  if (existsSync(cli)) chmodSync(cli, 0o755);
  process.exitCode = status ?? 1;
}

function findCompiler() {
  try {
    const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
    return join(dirname(manifest), 'bin/tsc');
  } catch {
    return null;
  }
}
