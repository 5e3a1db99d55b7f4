import type { CommandKind, CommandState, DeviceCommand } from './command.ts';

/** How a command stood then. What it takes and what came of it is shown with the command. */
export interface DeviceCommandSnapshot {
  readonly deviceCommandId: string;
  readonly deviceId: string;
  readonly kind: CommandKind;
  readonly state: CommandState;
  /** ISO 8601 in UTC. */
  readonly expiresAt: string;
}

declare module '../events/events.ts' {
  interface EventMap {
    'signage.command-queued': DeviceCommandSnapshot;
    /** It was sent down the device's stream. */
    'signage.command-delivered': DeviceCommandSnapshot;
    /** The device has it. */
    'signage.command-acknowledged': DeviceCommandSnapshot;
    'signage.command-finished': DeviceCommandSnapshot;
  }
}

/** What happens to the commands of a device. */
export const COMMAND_EVENTS = [
  'signage.command-queued',
  'signage.command-delivered',
  'signage.command-acknowledged',
  'signage.command-finished',
] as const;

export const snapshotOfCommand = (command: DeviceCommand): DeviceCommandSnapshot => ({
  deviceCommandId: command.id,
  deviceId: command.deviceId,
  kind: command.kind,
  state: command.state,
  expiresAt: command.expiresAt.toISOString(),
});
