import { NotFoundError, ValidationError } from '../lib/errors.ts';
import type { PlayOutcome } from '../signage/play.ts';
import { reportPlays } from '../signage/play-service.ts';
import { builder } from './builder.ts';
import './domain-errors.ts';
import { NotSignedInError } from './errors.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const PlayOutcomeEnum = builder.enumType('PlayOutcome', {
  description: 'What became of a play that was reported. Clients must survive values they do not know.',
  values: {
    RECORDED: { description: 'It is on record.' },
    REPEATED: { description: 'It was on record, and stays as it was told first.' },
    WRONG_CLOCK: {
      description:
        'It began more than five minutes from now, or before the device was registered: it is not kept.',
    },
    UNKNOWN_LAYOUT: { description: 'There was no such revision: it is not kept.' },
    UNKNOWN_REGION: { description: 'The revision has no such region: it is not kept.' },
    UNKNOWN_MEDIA: { description: 'The venue never had such a medium: it is not kept.' },
  } satisfies Record<PlayOutcome, { description: string }>,
});

const PlayInput = builder.inputType('PlayInput', {
  description: 'A layout, or a region of it, that the device showed.',
  fields: (t) => ({
    playId: t.string({
      required: true,
      description:
        'The device’s own number of it, and of no other: 1 to 64 printable ASCII characters without blanks (ValidationError).',
    }),
    layoutId: t.id({ required: true, description: 'What it showed.' }),
    revision: t.int({ required: true, description: 'In which revision, 1 or more (ValidationError).' }),
    regionId: t.string({ description: 'Which region of it; without it the layout as a whole.' }),
    mediaId: t.id({ description: 'What of the media library it showed there.' }),
    startedAt: t.field({ type: 'DateTime', required: true, description: 'When it began.' }),
    durationMs: t.int({
      required: true,
      description: 'For how long, 1 to 86400000 milliseconds (ValidationError).',
    }),
  }),
});

const ReportPlaysInput = builder.inputType('ReportPlaysInput', {
  description: 'What a device showed since it last said so.',
  fields: (t) => ({
    batchId: t.string({
      required: true,
      description:
        'The device’s own number of this report, kept with its plays: 1 to 64 printable ASCII characters without blanks (ValidationError).',
    }),
    plays: t.field({
      type: [PlayInput],
      required: true,
      description: '1 to 500 of them (ValidationError).',
    }),
  }),
});

const ReportPlaysSuccessType = builder.objectRef<readonly PlayOutcome[]>('ReportPlaysSuccess').implement({
  description: 'What became of the plays.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({
      description: messageDescription,
      resolve: (outcomes) =>
        `${outcomes.filter((outcome) => outcome === 'RECORDED').length} of ${outcomes.length} plays were put on record.`,
    }),
    outcomes: t.field({
      type: [PlayOutcomeEnum],
      description: 'What became of each, in their order. None of them is to be told again.',
      resolve: (outcomes) => [...outcomes],
    }),
  }),
});

builder.mutationField('reportPlays', (t) =>
  t.field({
    type: ReportPlaysSuccessType,
    nullable: true,
    authScopes: { scope: 'DEVICE' },
    description:
      'Puts on record what the device showed: proof of play. Each play counts once, however often it is told, so a report whose answer never came is sent again as it was. Only a device reports (AUTH_004).',
    args: { input: t.arg({ type: ReportPlaysInput, required: true, description: 'What it showed.' }) },
    errors: { types: [ValidationError, NotFoundError], directResult: true },
    resolve: (_root, { input }, { actor, runWork }) => {
      if (actor.kind !== 'device') throw new NotSignedInError();
      const plays = input.plays.map(({ layoutId, regionId, mediaId, ...play }) => ({
        ...play,
        layoutId: decodeIdOf('Layout', layoutId),
        regionId: regionId ?? null,
        mediaId: mediaId == null ? null : decodeIdOf('Media', mediaId),
      }));
      const { venueId, deviceId } = actor;
      return runWork(actor, (work) =>
        reportPlays(work, { venueId, deviceId, batchId: input.batchId, plays }),
      );
    },
  }),
);
