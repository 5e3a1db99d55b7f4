import type { StateFrame } from '../events/source.ts';
import {
  type CommandNews,
  type FirmwareNews,
  type LayoutNews,
  type PlayerNews,
  type PlayerStreamParts,
  playerSource,
  type ValueNews,
} from '../signage/player-stream.ts';
import { BoundValueType } from './bound-value-type.ts';
import { builder } from './builder.ts';
import { DeploymentType } from './deployment-type.ts';
import './content-sync.ts';
import './device-command.ts';
import { DeviceCommandType } from './device-command-type.ts';
import { DisplayCauseEnum } from './device-display.ts';
import { reportingDevice } from './device-report.ts';
import { LayoutRevisionType } from './layout-revision-type.ts';
import { AFTER } from './machine-event.ts';
import { PlayerUpdateInterface } from './player-update.ts';

declare module './context.ts' {
  interface Services extends Pick<PlayerStreamParts, 'valueBoard' | 'revisionShelf'> {}
}

type Shown<News extends PlayerNews = PlayerNews> = News & { readonly skipped: number };

builder.objectRef<Shown<LayoutNews>>('LayoutPushed').implement({
  description: 'What a device shall show from now on. It answers with `reportLayoutApplied`.',
  interfaces: [PlayerUpdateInterface],
  isTypeOf: (update) => (update as Shown).kind === 'LAYOUT',
  fields: (t) => ({
    displayVersion: t.expose('displayVersion', {
      type: 'BigInt',
      description:
        'Grows whenever the device is to do something; with it the device answers. 0: it never was to.',
    }),
    layout: t.field({
      type: LayoutRevisionType,
      nullable: true,
      description: 'The layout as it was published; null: nothing is to be shown.',
      resolve: ({ layout }, _args, context) =>
        layout && context.revisionShelf.get(reportingDevice(context.actor).venueId, layout),
    }),
    cause: t.expose('cause', {
      type: DisplayCauseEnum,
      nullable: true,
      description: 'What made it so; null with nothing to show.',
    }),
    desiredAt: t.expose('desiredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when; null for a device that never was to show anything.',
    }),
  }),
});

builder.objectRef<Shown<CommandNews>>('DeviceCommandIssued').implement({
  description:
    'Something the device is to do. It answers with `acknowledgeCommand`; until it has, it can be told again whenever it connects.',
  interfaces: [PlayerUpdateInterface],
  isTypeOf: (update) => (update as Shown).kind === 'COMMAND',
  fields: (t) => ({
    command: t.field({
      type: DeviceCommandType,
      nullable: true,
      description: 'The command as it stands now; null when it is no longer kept.',
      resolve: ({ commandId }) => commandId,
    }),
  }),
});

builder.objectRef<Shown<FirmwareNews>>('FirmwareOffered').implement({
  description:
    'Another firmware that the device may have. It answers with `reportFirmwareProgress`; until it is through with it, it is told again whenever it connects.',
  interfaces: [PlayerUpdateInterface],
  isTypeOf: (update) => (update as Shown).kind === 'FIRMWARE',
  fields: (t) => ({
    deployment: t.field({
      type: DeploymentType,
      nullable: true,
      description: 'By which deployment; its `firmware` has the file.',
      resolve: ({ deploymentId }) => deploymentId,
    }),
  }),
});

builder.objectRef<Shown<ValueNews>>('BoundValueChanged').implement({
  description: 'What live regions of the layout show now.',
  interfaces: [PlayerUpdateInterface],
  isTypeOf: (update) => (update as Shown).kind === 'VALUE',
  fields: (t) => ({
    displayVersion: t.expose('displayVersion', {
      type: 'BigInt',
      description: 'Of the `LayoutPushed` whose regions they are.',
    }),
    regionIds: t.exposeStringList('regionIds', { description: 'Which regions show it, 1 or more.' }),
    value: t.expose('value', {
      type: BoundValueType,
      nullable: true,
      description: 'What they show; null when there is no such thing, or none any more.',
    }),
    readAt: t.expose('readAt', { type: 'DateTime', description: 'When it was so.' }),
  }),
});

builder.subscriptionField('player', (t) =>
  t.field({
    type: PlayerUpdateInterface,
    authScopes: { scope: 'DEVICE' },
    description:
      'A device’s own stream. However long it was away, first how things stand: `LayoutPushed` with what it shall show, `FirmwareOffered` with what it was offered and is not through with, `DeviceCommandIssued` for each command that it has not acknowledged, and `BoundValueChanged` for each live value. Then each change, each command once, and `ContentChanged` when the layout it shall show, or a medium or playlist of it, is another, unless it was away: then it reads all of it anew. Of what it shall show, of each value and of each content a reader that is too slow gets the newest, and `skipped` tells. `after` is where it left off: from a log that is no longer kept it gives WS_003. Needs DEVICE (AUTH_004).',
    args: { after: t.arg({ type: 'Cursor', description: AFTER }) },
    subscribe: (_root, { after }, context) =>
      playerSource(context, { ...reportingDevice(context.actor), after: after ?? null }),
    resolve: ({ value, skipped }: StateFrame<PlayerNews>, _args, { commandDeliveries }): Shown => {
      if (value.kind === 'COMMAND') commandDeliveries.delivered(value.commandId);
      return { ...value, skipped };
    },
  }),
);
