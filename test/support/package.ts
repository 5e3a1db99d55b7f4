import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from './temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** A project that has floorwire as `npm pack` packs it, and beside it what floorwire is developed with. */
export interface Dependent {
  readonly folder: string;
  /** What of floorwire is there, below its folder. */
  readonly files: readonly string[];
}

/** Builds floorwire from the sources as they are, in a folder of its own. */
export async function aDependentProject(): Promise<Dependent> {
  const source = await temporaryFolder();
  for (const each of ['src', 'scripts', 'migrations', 'README.md', 'LICENSE', 'schema.graphql'])
    await cp(join(ROOT, each), join(source, each), { recursive: true });
  for (const each of await readdir(ROOT))
    if (/^(?:package|tsconfig).*\.json$/.test(each)) await cp(join(ROOT, each), join(source, each));
  await symlink(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  const { stdout } = await run('npm', ['pack', '--json'], { cwd: source, maxBuffer: 64 << 20 });
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));

  const folder = await temporaryFolder();
  const installed = join(folder, 'node_modules/floorwire');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(source, packed.filename), '-C', installed, '--strip-components=1']);
  for (const each of await readdir(join(ROOT, 'node_modules')))
    if (!each.startsWith('.'))
      await symlink(join(ROOT, 'node_modules', each), join(folder, 'node_modules', each));
  return { folder, files: packed.files.map(({ path }: { path: string }) => path) };
}

/** The fenced blocks of one section of README. */
export async function readmeBlocks(title: string): Promise<readonly { language: string; text: string }[]> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const section = new RegExp(`^## ${title}\\n(.*?)^## `, 'ms').exec(readme)?.[1] ?? '';
  return [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}
