import { NotFoundError } from '../lib/errors.ts';
import { findLinesByIds, listLines } from '../machine/line-store.ts';
import type { LineCounts, SasLine } from '../machine/machine.ts';
import { listMachinesOfLine } from '../machine/store.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { venueIdOf } from './machine-services.ts';
import { MachineType, visibleOf } from './machine-type.ts';

const LineStateEnum = builder.enumType('SasLineState', {
  description: 'Whether the port of a line is open.',
  values: {
    UNKNOWN: { description: 'Nobody has driven it yet.' },
    UP: { description: 'The port is open and the line is polled.' },
    DOWN: { description: 'The port is away; it is tried again and again.' },
  },
});

const WakeupModeEnum = builder.enumType('WakeupMode', {
  description: 'How the ninth bit of SAS travels on a line.',
  values: {
    MARKED: { description: 'In the byte stream of a pseudo-terminal or TCP connection (SAS.md 13.2).' },
    PARITY: { description: 'As mark and space parity of a real serial port.' },
  },
});

export const SasLineType = builder.loadableNodeRef<SasLine, never, string, string>('SasLine', {
  id: { resolve: ({ id }: SasLine) => id },
  load: loadLines,
});

const LineStatisticsType = builder.objectRef<LineCounts>('SasLineStatistics').implement({
  description: 'What happened on a line since its driver started.',
  fields: (t) => ({
    polls: t.exposeInt('polls', { description: 'Polls sent.' }),
    replies: t.exposeInt('replies', { description: 'Whole answers.' }),
    silences: t.exposeInt('silences', { description: 'Polls nobody answered.' }),
    crcErrors: t.exposeInt('crcErrors', { description: 'Answers with a wrong checksum.' }),
    damaged: t.exposeInt('damaged', { description: 'Answers that were unusable for another reason.' }),
    discardedBytes: t.exposeInt('discardedBytes', {
      description: 'Bytes that came while no answer was awaited, or after one.',
    }),
    busy: t.exposeInt('busy', { description: 'Answers that said: busy.' }),
    nacks: t.exposeInt('nacks', { description: 'Commands that were refused.' }),
    exceptions: t.exposeInt('exceptions', { description: 'Exceptions the machines reported.' }),
    reopenings: t.exposeInt('reopenings', { description: 'How often the port was opened again.' }),
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
    state: t.expose('state', { type: LineStateEnum, description: 'Whether its port is open.' }),
    cause: t.exposeString('cause', { nullable: true, description: 'Why it is down, if known.' }),
    changedAt: t.expose('changedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when it is in this state.',
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
    machines: t.field({
      type: [MachineType],
      description: 'The machines on it, by address.',
      resolve: async ({ id, venueId }, _args, { db }) => [...(await listMachinesOfLine(db, venueId, id))],
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

async function loadLines(ids: readonly string[], context: Context): Promise<(SasLine | NotFoundError)[]> {
  const found = await visibleOf(context, (venueId) => findLinesByIds(context.db, venueId, ids));
  const byId = new Map(found.map((line) => [line.id, line]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('line'));
}
