import { NotFoundError } from '../lib/errors.ts';
import { findLinesByIds, listLines } from '../machine/line-store.ts';
import type { LineCounts, LineHolder, Machine, SasLine } from '../machine/machine.ts';
import { listMachinesOfLines } from '../machine/store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { perLine } from './line-loader.ts';
import { MachineType, visibleOf } from './machine-type.ts';

const LineStateEnum = builder.enumType('SasLineState', {
  description: 'Whether the port of a line is open.',
  values: {
    UNKNOWN: { description: 'Nobody has driven it yet.' },
    UP: { description: 'The port is open and the line is polled.' },
    DOWN: {
      description:
        'The port is away and tried again and again, nobody drives the line, or it was removed: `cause` tells.',
    },
  },
});

export const WakeupModeEnum = builder.enumType('WakeupMode', {
  description: 'How the ninth bit of SAS travels on a line.',
  values: {
    MARKED: { description: 'In the byte stream of a pseudo-terminal or TCP connection (SAS.md 13.2).' },
    PLAIN: {
      description: 'Not at all: for simulators and foreign tools, never on a real line (SAS.md 13.3).',
    },
    PARITY: { description: 'As mark and space parity of a real serial port.' },
    EVEN_ODD: { description: 'As even or odd parity of each byte, where the port knows no mark and space.' },
    RFC2217: { description: 'As mark and space parity of a port server on TCP that speaks RFC 2217.' },
  },
});

export const SasLineType = builder.loadableNodeRef<SasLine, never, string, string>('SasLine', {
  id: { resolve: ({ id }: SasLine) => id },
  load: loadLines,
});

const LineStatisticsType = builder.objectRef<LineCounts>('SasLineStatistics').implement({
  description: 'What happened on a line since its driver started.',
  fields: (t) => {
    const count = (key: Exclude<keyof LineCounts, 'worstGapMs'>, description: string) =>
      t.field({ type: 'BigInt', description, resolve: (counts) => BigInt(counts[key]) });
    return {
      polls: count('polls', 'Polls sent.'),
      retries: count('retries', 'Those of the polls that asked for the same answer again.'),
      broadcasts: count('broadcasts', 'Messages to all machines at once, which nobody answers.'),
      replies: count('replies', 'Whole answers.'),
      silences: count('silences', 'Polls nobody answered.'),
      crcErrors: count('crcErrors', 'Answers with a wrong checksum.'),
      damaged: count('damaged', 'Answers that were unusable, those with a wrong checksum among them.'),
      streamErrors: count('streamErrors', 'Breaks in the byte stream that carries the ninth bit.'),
      discardedBytes: count('discardedBytes', 'Bytes that came while no answer was awaited, or after one.'),
      chirps: count('chirps', 'Times a machine said that it hears no host.'),
      busy: count('busy', 'Answers that said: busy.'),
      nacks: count('nacks', 'Commands that were refused.'),
      exceptions: count('exceptions', 'Exceptions the machines reported.'),
      loopBreaks: count('loopBreaks', 'Times nobody on the line answered any more, though somebody had.'),
      longGaps: count(
        'longGaps',
        'Messages with a pause of more than 4 ms behind the address, of which machines allow 5. Real ports and port servers only.',
      ),
      worstGapMs: t.exposeFloat('worstGapMs', {
        nullable: true,
        description: 'The longest such pause in milliseconds; null where none is measured.',
      }),
      reopenings: count('reopenings', 'How often the port was opened again.'),
    };
  },
});

const LineDriverType = builder.objectRef<LineHolder>('SasLineDriver').implement({
  description: 'A process that drives a line: one at a time, for as long as it renews its lease.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it calls itself, on this line and on others.' }),
    since: t.expose('since', { type: 'DateTime', description: 'Since when it drives the line.' }),
    leaseExpiresAt: t.expose('leaseExpiresAt', {
      type: 'DateTime',
      description:
        'When another driver takes the line over unless this one renews its lease, as it does every few seconds.',
    }),
    lostAt: t.expose('lostAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When it was noticed that it has not: it is dead, or cut off. Null while it drives the line.',
    }),
  }),
});

SasLineType.implement({
  description: 'A serial line that speaks SAS with up to 127 machines.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What the floor calls it.' }),
    port: t.exposeString('port', {
      description: 'A device, or `tcp://host:port`. A relative path starts at DATA_DIR.',
    }),
    wakeupMode: t.expose('wakeupMode', { type: WakeupModeEnum, description: 'How the ninth bit travels.' }),
    profile: t.exposeString('profile', {
      nullable: true,
      description: 'The profile of its adapter by name; null: as SAS is written.',
    }),
    drivenBy: t.exposeString('drivenBy', {
      description: 'Which drivers may drive it: the processes that have this name among their SAS_DRIVES.',
    }),
    driver: t.expose('driver', {
      type: LineDriverType,
      nullable: true,
      description:
        'Which one does, or did until it was lost; null where it was given back, and before the first.',
    }),
    state: t.expose('state', { type: LineStateEnum, description: 'Whether its port is open.' }),
    cause: t.exposeString('cause', { nullable: true, description: 'Why it is down, if known.' }),
    changedAt: t.expose('changedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when it is in this state.',
    }),
    silentSince: t.expose('silentSince', {
      type: 'DateTime',
      nullable: true,
      description:
        'Since when none of its machines answers, though one did before and its port is open: a wire, or their power. Null while one does, and while the line is not UP.',
    }),
    statistics: t.expose('statistics', {
      type: LineStatisticsType,
      nullable: true,
      description: 'Counters of its driver; null before it was driven.',
    }),
    statisticsAt: t.expose('statisticsAt', {
      type: 'DateTime',
      nullable: true,
      description: 'As of when; at most a few seconds ago while driven.',
    }),
    version: t.exposeInt('version', {
      description: 'Grows when it is configured anew: what `expectedVersion` takes.',
    }),
    removedAt: t.expose('removedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When it was taken off the floor: it is on no list any more, and what happened on it stays. Null while it is there.',
    }),
    machines: t.field({
      type: [MachineType],
      description: 'The machines on it, by address.',
      resolve: async ({ id }, _args, context) => [...(await machinesOf(context, id))],
    }),
  }),
});

builder.objectField(MachineType, 'line', (t) =>
  t.field({ type: SasLineType, description: 'The line it is on.', resolve: ({ lineId }) => lineId }),
);

builder.queryField('sasLines', (t) =>
  t.field({
    type: [SasLineType],
    nullable: true,
    authScopes: { scope: 'MACHINES_READ' },
    description: 'The venue’s serial lines, by name. Needs MACHINES_READ (AUTH_004).',
    resolve: async (_root, _args, context) => [...(await listLines(context.db, venueIdOf(context)))],
  }),
);

const machinesOf = perLine<Machine>((context, lineIds) =>
  listMachinesOfLines(context.db, venueIdOf(context), lineIds),
);

async function loadLines(ids: readonly string[], context: Context): Promise<(SasLine | NotFoundError)[]> {
  const found = await visibleOf(context, (venueId) => findLinesByIds(context.db, venueId, ids));
  const byId = new Map(found.map((line) => [line.id, line]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('line'));
}
