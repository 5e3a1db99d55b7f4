import { NotFoundError, ValidationError } from '../lib/errors.ts';
import type { FirmwareUpdate, UpdateReport } from '../signage/deployment.ts';
import { reportProgress } from '../signage/deployment-service.ts';
import { UpdateEndedError } from '../signage/errors.ts';
import { builder } from './builder.ts';
import { FirmwareFailureEnum, FirmwareUpdateType } from './deployment-type.ts';
import { reportingDevice } from './device-report.ts';
import './domain-errors.ts';
import './firmware-errors.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const FirmwareReportEnum = builder.enumType('FirmwareReport', {
  description: 'How far a device says it is with a firmware.',
  values: {
    DOWNLOADING: { description: 'It fetches the file.' },
    VERIFYING: { description: 'It compares the checksum.' },
    INSTALLING: { description: 'It puts it in place.' },
    UP_TO_DATE: { description: 'It runs it.' },
    FAILED: { description: 'It does not, for the reason in `failure`.' },
  } satisfies Record<UpdateReport, { description: string }>,
});

const ReportFirmwareProgressInput = builder.inputType('ReportFirmwareProgressInput', {
  description: 'How far the device is with what it was offered.',
  fields: (t) => ({
    deploymentId: t.id({
      required: true,
      description: 'By which deployment it was offered. One that offered it nothing gives NotFoundError.',
    }),
    state: t.field({
      type: FirmwareReportEnum,
      required: true,
      description: 'How far. Steps may be left out; what lies behind it already changes nothing.',
    }),
    percent: t.int({ description: 'How much of that is done, 0 to 100 (ValidationError).' }),
    failure: t.field({
      type: FirmwareFailureEnum,
      description: 'Why it has failed: with FAILED and nothing else, and never TIMED_OUT (ValidationError).',
    }),
    message: t.string({
      description: 'What else there is to say of it, at most 500 characters (ValidationError).',
    }),
    sha256: t.string({
      description:
        'Of what was downloaded, 64 hexadecimal digits (ValidationError). When it is not that of the file, the update has FAILED with CHECKSUM_MISMATCH, whatever `state` says.',
    }),
  }),
});

const ReportFirmwareProgressSuccessType = builder
  .objectRef<FirmwareUpdate>('ReportFirmwareProgressSuccess')
  .implement({
    description: 'The report was taken.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => 'The report was taken.' }),
      update: t.field({
        type: FirmwareUpdateType,
        description: 'How the update stands now: one that is FAILED or CANCELLED is not to be gone on with.',
        resolve: (update) => update,
      }),
    }),
  });

builder.mutationField('reportFirmwareProgress', (t) =>
  t.field({
    type: ReportFirmwareProgressSuccessType,
    nullable: true,
    authScopes: { scope: 'DEVICE' },
    description:
      'A device says how far it is with a firmware it was offered. What it said before it may say again. Needs DEVICE (AUTH_004).',
    args: {
      input: t.arg({ type: ReportFirmwareProgressInput, required: true, description: 'What it says.' }),
    },
    errors: { types: [ValidationError, NotFoundError, UpdateEndedError], directResult: true },
    resolve: (_root, { input }, context) => {
      const actor = reportingDevice(context.actor);
      const report = {
        deploymentId: decodeIdOf('Deployment', input.deploymentId),
        state: input.state,
        percent: input.percent ?? null,
        failure: input.failure ?? null,
        message: input.message ?? null,
        sha256: input.sha256 ?? null,
      };
      return context.runWork(actor, (work) => reportProgress(work, actor, report));
    },
  }),
);
