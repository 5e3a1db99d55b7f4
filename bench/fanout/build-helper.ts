import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const FOLDER = resolve('node_modules/.cache/floorwire-bench');

/**
 * A program of the bench as JavaScript, and where it is. What is measured runs on node alone: tsx in the same process
 * takes some 300 MB, which hide what sockets take, and gives every function a name by a property.
 */
export async function buildHelper(file: string): Promise<string> {
  const outfile = resolve(FOLDER, `${basename(file, '.ts')}-${process.pid}.mjs`);
  await build({
    entryPoints: [file],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    plugins: [whereItWas],
  });
  return outfile;
}

/** Modules look for files beside where they were written, not where they were built. */
const whereItWas: Plugin = {
  name: 'where it was',
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      loader: 'ts',
      contents: (await readFile(path, 'utf8')).replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
    }));
  },
};
