#!/usr/bin/env node
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CommandError } from './cli/command-error.ts';
import { readConfig, readDatabaseConfig, readDriverConfig } from './config.ts';
import { readVersion } from './lib/package-folder.ts';
import { explainFailure } from './start-failure.ts';

/**
 * `floorwire <command>`. Each command loads only what it needs: watching a line takes no database.
 */
const USAGE = `floorwire serve                              start the server (as npm start does)
floorwire driver                             drive serial lines beside servers on the same DATABASE_URL (SAS_DRIVES)
floorwire migrate [--dry-run]                bring the database up to date, or say what is missing
floorwire seed                               seed the demo venue into an empty database
floorwire keys list                          every signing key, and what it is still good for
floorwire keys rotate [--revoke-old]         sign with a new key; the one before verifies what it has signed,
                                             or nothing from now on
floorwire keys rewrap                        seal with SECRET_KEY what SECRET_KEY_OLD opens
floorwire users create --email ADDRESS --role ROLE,…  make an account; its password is shown once
          [--username NAME] [--venue SLUG] [--password-stdin]
floorwire users role --user NAME --role ROLE,…|none [--grant SCOPE,…|none] [--venue SLUG]
floorwire users lock --user NAME --reason TEXT
floorwire users unlock --user NAME
floorwire users list [--venue SLUG]
floorwire token inspect                      what an access or realtime token on standard input says, and whether it is
                                             taken now; it is not used up
floorwire audit verify [--venue SLUG]        compute the audit record anew, and say whether it holds
          [--anchor NUMBER:HASH]             behind an entry that an earlier verification named
floorwire cursors revoke                     end every cursor given out so far: the database was put back from its files
floorwire backup --to FOLDER [--keep-days N] write all there is at one instant into a file, beside a running server;
                                             with --keep-days remove older ones
floorwire restore FILE [--verify]            put a backup into an empty database, and add everything up again
          [--without-secret]                 without what is sealed in it, whose SECRET_KEY nobody has any more
floorwire devices add --venue SLUG           register a device, and print its pairing code this once
          --number N --serial S [--name NAME] [--kind SCREEN|LAB_BOARD|GATE|SENSOR]
floorwire player --url URL --venue SLUG      a screen in this terminal: shows what it is told, until a signal
          --device N --serial S --code CODE  as devices add was told, and what it printed
          [--state FILE]                     where it remembers what it showed, for when nobody answers;
                                             its media are in FILE.files
floorwire smoke --url URL                    check a deployed server from outside, realtime above all; 1 when it fails
          [--username NAME --password-stdin | --token-stdin]  and that events arrive once, on behalf of somebody
          [--timeout SECONDS]                how long each check may take; 10
          [--no-websocket]                   where a platform has none: server-sent events alone
floorwire simulate --tty PATH | --tcp PORT   machines to talk to, on a pseudo-terminal or on loopback
          [--machines N] [--memory FOLDER] [--idle] [--plain] [--paced]
          [--scenario FILE]              which machines, how bad a line, and what happens when: README
floorwire watch --port PATH|tcp://HOST:PORT  print the decoded frames of a line
          [--poll 1,2,…] [--all]             --poll asks these addresses itself, as no other host may do then
          [--wakeup parity|even-odd|…]       how the ninth bit travels: README, "Connecting a real machine"
          [--profile NAME]                   what a machine or an adapter needs beyond it
floorwire sas polls [CODE …]                 every long poll of SAS: its frames, and how sure they are
floorwire help                               all of this; \`floorwire COMMAND --help\` a part of it
floorwire --version                          which floorwire this is`;

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  async serve(args) {
    parse(args, {});
    await import('./main.ts');
  },

  async driver(args) {
    parse(args, {});
    const { driverCommand } = await import('./cli/driver.ts');
    await driverCommand(readDriverConfig());
  },

  async migrate(args) {
    const { values } = parse(args, { 'dry-run': { type: 'boolean', default: false } });
    const { migrateCommand } = await import('./cli/database.ts');
    const dryRun = values['dry-run'];
    await migrateCommand(dryRun ? readDatabaseConfig() : readConfig(), { dryRun });
  },

  async seed(args) {
    parse(args, {});
    const { seedCommand } = await import('./cli/database.ts');
    await seedCommand(readConfig());
  },

  async keys(args) {
    const { values, positionals } = parse(args, { 'revoke-old': { type: 'boolean' } }, true);
    const action = positionals.join(' ');
    const revokeOld = values['revoke-old'] ?? false;
    if (!['list', 'rotate', 'rewrap'].includes(action) || (revokeOld && action !== 'rotate'))
      throw new CommandError('keys takes list, rotate [--revoke-old] or rewrap.');
    const keys = await import('./cli/keys.ts');
    if (action === 'list') await keys.listKeysCommand(readConfig());
    if (action === 'rotate') await keys.rotateKeysCommand(readConfig(), { revokeOld });
    if (action === 'rewrap') await keys.rewrapKeysCommand(readConfig());
  },

  async token(args) {
    const { positionals } = parse(args, {}, true);
    if (positionals.join(' ') !== 'inspect')
      throw new CommandError('token takes inspect, and the token on standard input.');
    const { inspectTokenCommand } = await import('./cli/token.ts');
    await inspectTokenCommand(readConfig());
  },

  async users(args) {
    const text = { type: 'string' } as const;
    const { values, positionals } = parse(
      args,
      {
        username: text,
        email: text,
        role: text,
        grant: text,
        venue: text,
        user: text,
        reason: text,
        'password-stdin': { type: 'boolean' },
      },
      true,
    );
    const { usersCommand } = await import('./cli/users.ts');
    await usersCommand(readConfig(), positionals.join(' '), values);
  },

  async audit(args) {
    const { values, positionals } = parse(
      args,
      { venue: { type: 'string' }, anchor: { type: 'string' } },
      true,
    );
    if (positionals.join(' ') !== 'verify') throw new CommandError('audit takes verify.');
    const { verifyAuditCommand } = await import('./cli/audit.ts');
    await verifyAuditCommand(readDatabaseConfig(), values);
  },

  async cursors(args) {
    const { positionals } = parse(args, {}, true);
    if (positionals.join(' ') !== 'revoke') throw new CommandError('cursors takes revoke.');
    const { revokeCursorsCommand } = await import('./cli/cursors.ts');
    await revokeCursorsCommand(readDatabaseConfig());
  },

  async backup(args) {
    const text = { type: 'string' } as const;
    const { values } = parse(args, { to: text, 'keep-days': text });
    const { backupCommand } = await import('./cli/backup.ts');
    await backupCommand(readDatabaseConfig(), values);
  },

  async restore(args) {
    const flag = { type: 'boolean', default: false } as const;
    const { values, positionals } = parse(args, { verify: flag, 'without-secret': flag }, true);
    if (positionals.length > 1) throw new CommandError('restore takes one file.');
    const { restoreCommand } = await import('./cli/backup.ts');
    await restoreCommand(readConfig(), positionals[0], values);
  },

  async devices(args) {
    const text = { type: 'string' } as const;
    const options = { venue: text, number: text, serial: text, kind: text, name: text };
    const { values, positionals } = parse(args, options, true);
    if (positionals.join(' ') !== 'add') throw new CommandError('devices takes add.');
    const { addDeviceCommand } = await import('./cli/devices.ts');
    await addDeviceCommand(readConfig(), values);
  },

  async player(args) {
    const text = { type: 'string' } as const;
    const { values } = parse(args, {
      url: text,
      venue: text,
      device: text,
      serial: text,
      code: text,
      state: text,
    });
    const { playerCommand } = await import('./cli/player.ts');
    await playerCommand(values);
  },

  async smoke(args) {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean', default: false } as const;
    const { values } = parse(args, {
      url: text,
      username: text,
      timeout: { type: 'string', default: '10' },
      'password-stdin': flag,
      'token-stdin': flag,
      'no-websocket': flag,
    });
    const { smokeCommand } = await import('./cli/smoke.ts');
    await smokeCommand(values);
  },

  async simulate(args) {
    const { values } = parse(args, {
      tty: { type: 'string' },
      tcp: { type: 'string' },
      machines: { type: 'string', default: '1' },
      scenario: { type: 'string' },
      memory: { type: 'string' },
      idle: { type: 'boolean', default: false },
      plain: { type: 'boolean', default: false },
      paced: { type: 'boolean', default: false },
    });
    const { simulateCommand } = await import('./cli/simulate.ts');
    await simulateCommand(values);
  },

  async watch(args) {
    const { values } = parse(args, {
      port: { type: 'string' },
      poll: { type: 'string' },
      wakeup: { type: 'string', default: 'marked' },
      profile: { type: 'string' },
      all: { type: 'boolean', default: false },
    });
    const { watchCommand } = await import('./cli/watch.ts');
    await watchCommand(values);
  },

  async sas(args) {
    const { positionals } = parse(args, {}, true);
    const [what, ...codes] = positionals;
    if (what !== 'polls') throw new CommandError('sas takes polls, and the codes of some.');
    const { sasPollsCommand } = await import('./cli/sas-polls.ts');
    sasPollsCommand(codes);
  },
};

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (['', 'help', '--help', '-h'].includes(name)) process.stdout.write(`${USAGE}\n`);
else if (name === '--version') process.stdout.write(`${await readVersion()}\n`);
else if (!command) {
  process.stderr.write(`floorwire: There is no command ${name}: floorwire help lists them.\n`);
  process.exitCode = 2;
} else if (args.some((arg) => ['--help', '-h'].includes(arg))) process.stdout.write(`${usageOf(name)}\n`);
else await command(args).catch(explainFailure);

/** What USAGE says of one command: its lines, and those that go on below them. */
function usageOf(command: string): string {
  const entries = USAGE.split(/\n(?=floorwire )/);
  return entries.filter((entry) => entry.split(' ')[1] === command).join('\n');
}

/** @throws CommandError for an option that is not there or lacks its value, and for anything that is no option. */
function parse<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
  allowPositionals = false,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals });
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message.split('\n')[0] : String(error), {
      cause: error,
    });
  }
}
