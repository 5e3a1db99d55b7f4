import { NotFoundError } from '../lib/errors.ts';
import type { CommandKind, CommandParameters, CommandState, DeviceCommand } from '../signage/command.ts';
import { countCommands, findCommandsByIds, listCommands } from '../signage/command-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { DeviceType } from './device-type.ts';
import { EventActorType } from './log-event.ts';
import { resolvePage } from './page.ts';

export const DeviceCommandKindEnum = builder.enumType('DeviceCommandKind', {
  description: 'What a device is told to do. Clients must survive values they do not know.',
  values: {
    REBOOT: { description: 'Start anew.' },
    SCREENSHOT: { description: 'Send what it shows, in `result`.' },
    SET_VOLUME: { description: 'Be as loud as `percent`.' },
    SET_BRIGHTNESS: { description: 'Be as bright as `percent`.' },
    SET_POWER: { description: 'Switch its screen or its load as `on` says.' },
    RELOAD: { description: 'Fetch what it shows anew.' },
    DIAGNOSTICS: { description: 'Send what it knows of its state, in `result`.' },
    IDENTIFY: { description: 'Show for `seconds` which one it is, for who stands before it.' },
    CUSTOM: { description: 'Do something of its own, by `name` and with `data`.' },
  } satisfies Record<CommandKind, { description: string }>,
});

export const DeviceCommandStateEnum = builder.enumType('DeviceCommandState', {
  description: 'How a command stands: it goes on, never back. Clients must survive values they do not know.',
  values: {
    QUEUED: { description: 'It waits for the device.' },
    DELIVERED: { description: 'It was sent down the stream of the device.' },
    ACKNOWLEDGED: { description: 'The device has it.' },
    SUCCEEDED: { description: 'The device has done it.' },
    FAILED: { description: 'The device could not, or would not; `message` says why.' },
    EXPIRED: {
      description: 'It was not done in time. Where the device had it, nobody knows whether it has done it.',
    },
  } satisfies Record<CommandState, { description: string }>,
});

const DeviceCommandParametersType = builder
  .objectRef<CommandParameters>('DeviceCommandParameters')
  .implement({
    description: 'How a command is to be done; null what its kind does not take.',
    fields: (t) => ({
      percent: t.exposeInt('percent', { nullable: true, description: 'How loud, or how bright: 0 to 100.' }),
      seconds: t.exposeInt('seconds', { nullable: true, description: 'For how long: 1 to 300.' }),
      on: t.exposeBoolean('isOn', { nullable: true, description: 'Whether on or off.' }),
      name: t.exposeString('name', {
        nullable: true,
        description: 'Which of the device’s own commands.',
      }),
      data: t.expose('data', { type: 'JSON', nullable: true, description: 'What that takes.' }),
    }),
  });

export const DeviceCommandType = builder.loadableNodeRef<DeviceCommand, never, string, string>(
  'DeviceCommand',
  { id: { resolve: ({ id }: DeviceCommand) => id }, load: loadCommands },
);

DeviceCommandType.implement({
  description:
    'Something a device was told to do: kept until it is done or too late, and afterwards for DEVICE_HISTORY_RETENTION. Seen by who sees the device.',
  fields: (t) => ({
    device: t.field({
      type: DeviceType,
      nullable: true,
      description: 'Which device.',
      resolve: ({ deviceId }) => deviceId,
    }),
    kind: t.expose('kind', { type: DeviceCommandKindEnum, description: 'What it is to do.' }),
    parameters: t.expose('parameters', { type: DeviceCommandParametersType, description: 'How.' }),
    state: t.expose('state', { type: DeviceCommandStateEnum, description: 'How that stands.' }),
    queuedAt: t.expose('queuedAt', { type: 'DateTime', description: 'When it was told.' }),
    queuedBy: t.expose('queuedBy', { type: EventActorType, description: 'By whom.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'What is not done by then counts as not done.',
    }),
    deliveredAt: t.expose('deliveredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was first sent down the stream of the device.',
    }),
    acknowledgedAt: t.expose('acknowledgedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the device said that it has it.',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was done, had failed, or was too late.',
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'What the device says of it, for a person.',
    }),
    result: t.expose('result', {
      type: 'JSON',
      nullable: true,
      description: 'What came of it, in the device’s own form.',
    }),
  }),
});

builder.objectField(DeviceType, 'commands', (t) =>
  t.connection(
    {
      type: DeviceCommandType,
      description: 'What it was told to do, the newest first.',
      args: {
        states: t.arg({
          type: [DeviceCommandStateEnum],
          description: 'Only what stands like one of these, at least one (API_001).',
        }),
      },
      resolve: ({ id: deviceId, venueId }, { states, ...args }, { db }) => {
        const of = { deviceId, states: states ?? null };
        return resolvePage(args, {
          keyOf: ({ queuedAt, id }: DeviceCommand) => ({ at: queuedAt, id }),
          load: (range) => listCommands(db, venueId, { ...of, range }),
          count: () => countCommands(db, venueId, of),
        });
      },
    },
    { name: 'DeviceCommandConnection', description: 'One page of commands, the newest first.' },
    { name: 'DeviceCommandEdge' },
  ),
);

/** Whoever sees a device sees what it was told. */
async function loadCommands(
  ids: readonly string[],
  context: Context,
): Promise<(DeviceCommand | NotFoundError)[]> {
  const found = await findCommandsByIds(context.db, venueIdOf(context), ids);
  const deviceIds = [...new Set(found.map(({ deviceId }) => deviceId))];
  const devices = await DeviceType.getDataloader(context).loadMany(deviceIds);
  const visible = new Set(deviceIds.filter((_id, at) => !(devices[at] instanceof Error)));
  const byId = new Map(found.map((command) => [command.id, command]));
  return ids.map((id) => {
    const command = byId.get(id);
    return command && visible.has(command.deviceId) ? command : new NotFoundError('command');
  });
}
