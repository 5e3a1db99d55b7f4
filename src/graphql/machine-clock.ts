import { findClocks, type MachineClock } from '../machine/clock-store.ts';
import { builder } from './builder.ts';
import { rowsOfMachine } from './machine-rows.ts';
import { MachineType } from './machine-type.ts';

const clocksOf = rowsOfMachine(findClocks);

const MachineClockType = builder.objectRef<MachineClock>('MachineClock').implement({
  description:
    'The clock of a machine as it was last read (poll 7E): when it came online, every hour, when the venue’s wall clock was moved, and after it was set.',
  fields: (t) => ({
    readAt: t.expose('readAt', { type: 'DateTime', description: 'When it was read.' }),
    shown: t.exposeString('shown', {
      nullable: true,
      description:
        'What it showed, without a zone: `2026-03-29T02:30:00`. Null when that was no date and time.',
    }),
    driftSeconds: t.field({
      type: 'BigInt',
      nullable: true,
      description:
        'How far it was ahead of the venue’s wall clock, in seconds; negative when behind. Null when it showed no date and time.',
      resolve: ({ driftSeconds }) => (driftSeconds === null ? null : BigInt(driftSeconds)),
    }),
    isBeingSet: t.exposeBoolean('isBeingSet', {
      description:
        'Whether it was further off than SAS_CLOCK_DRIFT, and floorwire went on to set it. The event CLOCK_SET tells that it was right then.',
    }),
    setAt: t.expose('setAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last found right after floorwire had set it for being off.',
    }),
  }),
});

builder.objectField(MachineType, 'clock', (t) =>
  t.field({
    type: MachineClockType,
    nullable: true,
    description:
      'Its clock. Null until it was read: where the machine does not tell, and with SAS_CLOCK_DRIFT=off.',
    resolve: async ({ id }, _args, context) => (await clocksOf(context, id))[0],
  }),
);
