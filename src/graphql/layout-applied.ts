import { originOf } from '../auth/session.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import type { AppliedQueue } from '../signage/applied-queue.ts';
import { type Display, isCurrent } from '../signage/display.ts';
import { builder } from './builder.ts';
import { DeviceDisplayType } from './device-display.ts';
import { reportingDevice } from './device-report.ts';
import './domain-errors.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

declare module './context.ts' {
  interface Services {
    /** Takes what devices say they show. */
    readonly appliedQueue: AppliedQueue;
  }
}

const ReportLayoutAppliedInput = builder.inputType('ReportLayoutAppliedInput', {
  description: 'What the device says of what it was told to show.',
  fields: (t) => ({
    displayVersion: t.field({
      type: 'BigInt',
      required: true,
      description:
        'As it was told it. One it was never told gives ValidationError; an older one than the newest changes nothing.',
    }),
    failure: t.string({
      description:
        'Why it cannot show it, in 1 to 500 characters (ValidationError); left out or null: it shows it.',
    }),
  }),
});

const ReportLayoutAppliedSuccess = builder.objectRef<Display>('ReportLayoutAppliedSuccess').implement({
  description: 'What the device says is on record.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({
      description: messageDescription,
      resolve: (display) => {
        if (isCurrent(display)) return 'It shows what it shall show.';
        return display.failed?.version === display.version
          ? 'It cannot show what it shall show.'
          : 'It is to show something else.';
      },
    }),
    display: t.field({
      type: DeviceDisplayType,
      description: 'What it shall show, and what it said: another `displayVersion` is still to be shown.',
      resolve: (display) => display,
    }),
  }),
});

builder.mutationField('reportLayoutApplied', (t) =>
  t.field({
    type: ReportLayoutAppliedSuccess,
    nullable: true,
    authScopes: { scope: 'DEVICE' },
    description:
      'A device says that it shows what it was told, or why it cannot. Said again it changes nothing. Needs DEVICE (AUTH_004).',
    args: {
      input: t.arg({ type: ReportLayoutAppliedInput, required: true, description: 'What it says.' }),
    },
    errors: { types: [ValidationError, NotFoundError], directResult: true },
    resolve: (_root, { input }, { actor, client, appliedQueue }) => {
      const { displayVersion, failure } = input;
      const author = { actor: reportingDevice(actor), origin: originOf(client) };
      return appliedQueue.report({ author, displayVersion, failure: failure ?? null });
    },
  }),
);
