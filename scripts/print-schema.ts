import { writeFileSync } from 'node:fs';
import { buildSchema } from '../src/graphql/schema.ts';
import { printSdl } from '../src/graphql/sdl.ts';

/** Prints the schema of the API, into a file when one is named. It needs no database and no running server. */
const [file] = process.argv.slice(2);
const sdl = printSdl(buildSchema());

if (file) writeFileSync(file, sdl);
else process.stdout.write(sdl);
