#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { readConfig } from './config.ts';
import { explainFailure } from './start-failure.ts';

/**
 * `floorwire <command>`. Each command loads only what it needs: watching a line takes no database.
 */
const USAGE = `floorwire serve                              start the server (as npm start does)
floorwire migrate [--dry-run]                bring the database up to date, or say what is missing
floorwire seed                               seed the demo venue into an empty database
floorwire simulate --tty PATH | --tcp PORT   machines to talk to, on a pseudo-terminal or on loopback
          [--machines N] [--memory FOLDER] [--idle]
floorwire watch --port PATH|tcp://HOST:PORT  print the decoded frames of a line
          [--poll 1,2,…] [--parity] [--all]  --poll asks these addresses itself, as no other host may do then`;

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  async serve() {
    await import('./main.ts');
  },

  async migrate(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { 'dry-run': { type: 'boolean', default: false } },
    });
    const { migrateCommand } = await import('./cli/database.ts');
    await migrateCommand(readConfig(), { dryRun: values['dry-run'] });
  },

  async seed() {
    const { seedCommand } = await import('./cli/database.ts');
    await seedCommand(readConfig());
  },

  async simulate(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        tty: { type: 'string' },
        tcp: { type: 'string' },
        machines: { type: 'string', default: '1' },
        memory: { type: 'string' },
        idle: { type: 'boolean', default: false },
      },
    });
    const { simulateCommand } = await import('./cli/simulate.ts');
    await simulateCommand(values);
  },

  async watch(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        poll: { type: 'string' },
        parity: { type: 'boolean', default: false },
        all: { type: 'boolean', default: false },
      },
    });
    const { watchCommand } = await import('./cli/watch.ts');
    await watchCommand(values);
  },
};

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
if (command) await command(args).catch(explainFailure);
else {
  const wantsHelp = name === 'help' || name === '--help' || name === '';
  (wantsHelp ? process.stdout : process.stderr).write(`${USAGE}\n`);
  process.exitCode = wantsHelp ? 0 : 2;
}
