import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Builds `dist/` after an installation. Without the development dependencies there is no compiler,
 * and nothing is done: what was built before is what runs. Types are what `npm run check` looks at.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = findCompiler();

if (compiler) {
  const steps = [
    [join(root, 'scripts/bundle.js')],
    // What frontends import they bundle themselves, and they want its declarations.
    [compiler, '-p', 'tsconfig.client.json'],
  ];
  const failed = steps.find(
    (step) => spawnSync(process.execPath, step, { cwd: root, stdio: 'inherit' }).status !== 0,
  );
  const cli = join(root, 'dist/cli.js');
  if (existsSync(cli)) chmodSync(cli, 0o755);
  process.exitCode = failed === undefined ? 0 : 1;
}

function findCompiler() {
  try {
    const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
    return join(dirname(manifest), 'bin/tsc');
  } catch {
    return null;
  }
}
