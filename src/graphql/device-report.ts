import type { DeviceActor } from '../lib/actor.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import type { StatusQueue } from '../signage/status-queue.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { DeviceType } from './device-type.ts';
import './domain-errors.ts';
import { NotSignedInError } from './errors.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

declare module './context.ts' {
  interface Services {
    /** How often devices are to report. */
    readonly deviceHeartbeatMs: number;
    /** Takes their reports. */
    readonly statusQueue: StatusQueue;
  }
}

const ReportDeviceStatusInput = builder.inputType('ReportDeviceStatusInput', {
  description: 'What a device says of itself. What is left out counts as not said.',
  fields: (t) => ({
    uptime: t.field({ type: 'Duration', description: 'For how long it has been running.' }),
    freeBytes: t.field({
      type: 'BigInt',
      description: 'What is free of its storage, in bytes: 0 to 2^63 − 1 (ValidationError).',
    }),
    temperatureCelsius: t.float({
      description: 'How warm it is, in degrees Celsius: -100 to 200 (ValidationError).',
    }),
    softwareVersion: t.string({
      description:
        'Of the program that reports: 1 to 64 printable ASCII characters without blanks (ValidationError).',
    }),
    firmwareVersion: t.string({ description: 'Of what it runs on, in the same form (ValidationError).' }),
    message: t.string({
      description: 'What else it has to say, at most 500 characters (ValidationError).',
    }),
  }),
});

interface Reported {
  readonly deviceId: string;
  readonly heartbeatMs: number;
}

const ReportDeviceStatusSuccessType = builder.objectRef<Reported>('ReportDeviceStatusSuccess').implement({
  description: 'The device is ONLINE.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The report was taken.' }),
    device: t.field({
      type: DeviceType,
      description: 'The device.',
      resolve: ({ deviceId }) => deviceId,
    }),
    heartbeatSeconds: t.int({
      description:
        'How soon the next report is due, in seconds. One that is half that late is missed: the device is STALE; with the next one it is OFFLINE.',
      resolve: ({ heartbeatMs }) => heartbeatMs / 1_000,
    }),
  }),
});

builder.mutationField('reportDeviceStatus', (t) =>
  t.field({
    type: ReportDeviceStatusSuccessType,
    nullable: true,
    authScopes: { scope: 'DEVICE' },
    description:
      'A device says that it is there, and how it is. It does so every `heartbeatSeconds`; what it is then the server alone decides. Needs DEVICE (AUTH_004).',
    args: {
      input: t.arg({ type: ReportDeviceStatusInput, required: true, description: 'What it says.' }),
    },
    errors: { types: [ValidationError, NotFoundError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const { deviceHeartbeatMs: heartbeatMs } = context;
      const actor = reportingDevice(context.actor);
      const health = {
        uptimeSeconds: input.uptime ?? null,
        freeBytes: input.freeBytes ?? null,
        temperatureCelsius: input.temperatureCelsius ?? null,
        softwareVersion: input.softwareVersion ?? null,
        firmwareVersion: input.firmwareVersion ?? null,
        message: input.message ?? null,
      };
      await context.statusQueue.report({ deviceId: actor.deviceId, venueId: actor.venueId, health });
      return { deviceId: actor.deviceId, heartbeatMs };
    },
  }),
);

/** The device that speaks. @throws NotSignedInError */
export function reportingDevice(actor: Context['actor']): DeviceActor {
  if (actor.kind !== 'device') throw new NotSignedInError();
  return actor;
}
