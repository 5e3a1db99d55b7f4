import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import { LotCountedOtherwiseError } from '../parking/errors.ts';
import type { OccupancyReport, ReportOutcome } from '../parking/report.ts';
import type { ReportQueue } from '../parking/report-queue.ts';
import { builder } from './builder.ts';
import { NotSignedInError } from './errors.ts';
import { decodeIdOf } from './ids.ts';
import './parking-lot-errors.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

declare module './context.ts' {
  interface Services {
    readonly reportQueue: ReportQueue;
  }
}

const ReportOutcomeEnum = builder.enumType('OccupancyReportOutcome', {
  description: 'What became of a report.',
  values: {
    APPLIED: { description: 'It is what is known now.' },
    DUPLICATE: { description: 'It was said before, and changed nothing.' },
    OUTDATED: { description: 'Something newer was known already, and it changed nothing.' },
  } satisfies Record<ReportOutcome, { description: string }>,
});

const OccupancyReportInput = builder.inputType('OccupancyReportInput', {
  description:
    'What was observed: by a gate `lotId` and `cars`, by a sensor `spaceId` and `occupied` (ValidationError). An `Observation` of APDS.',
  fields: (t) => ({
    lotId: t.id({
      description:
        'The lot a gate counts. One that does not exist, or of another venue, gives NotFoundError.',
    }),
    cars: t.int({ description: 'How many cars stand there, 0 to 200000 (ValidationError).' }),
    spaceId: t.id({
      description:
        'The space a sensor looks at. One that does not exist, or of another venue, gives NotFoundError.',
    }),
    occupied: t.boolean({ description: 'Whether a car stands there.' }),
    observedAt: t.field({
      type: 'DateTime',
      required: true,
      description:
        'When it was like this, to the millisecond; not more than 30 seconds in the future (ValidationError). The newest counts, however late others come.',
    }),
  }),
});

const ReportOccupancyInput = builder.inputType('ReportOccupancyInput', {
  description: 'What a gate or a sensor has to say: all of it counts, or nothing.',
  fields: (t) => ({
    reports: t.field({
      type: [OccupancyReportInput],
      required: true,
      description: '1 to 500 reports (ValidationError), in any order.',
    }),
  }),
});

const ReportOccupancySuccess = builder
  .objectRef<readonly ReportOutcome[]>('ReportOccupancySuccess')
  .implement({
    description: 'The reports were taken.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => 'The reports were taken.' }),
      outcomes: t.field({
        type: [ReportOutcomeEnum],
        description: 'What became of each report, in their order.',
        resolve: (outcomes) => [...outcomes],
      }),
    }),
  });

builder.mutationField('reportOccupancy', (t) =>
  t.field({
    type: ReportOccupancySuccess,
    nullable: true,
    authScopes: { scope: 'DEVICE' },
    description:
      'A gate says how many cars stand on a lot, a sensor whether one stands on a space. Saying the same again changes nothing, and what comes late does not take the place of what is newer: whoever got no answer says it again. What is of the wrong kind of device gives NotOwnerError, what counts otherwise LotCountedOtherwiseError. Needs DEVICE (AUTH_004).',
    args: {
      input: t.arg({ type: ReportOccupancyInput, required: true, description: 'What was observed.' }),
    },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, LotCountedOtherwiseError],
      directResult: true,
    },
    resolve: (_root, { input }, { actor, reportQueue }) => {
      if (actor.kind !== 'device') throw new NotSignedInError();
      return reportQueue.report({
        device: actor,
        reports: input.reports.map((report, at) => inField(['reports', at], () => reportOf(report))),
      });
    },
  }),
);

interface GivenReport {
  readonly lotId?: string | null | undefined;
  readonly cars?: number | null | undefined;
  readonly spaceId?: string | null | undefined;
  readonly occupied?: boolean | null | undefined;
  readonly observedAt: Date;
}

/** @throws ValidationError unless it is about a lot or about a space */
function reportOf({ lotId, cars, spaceId, occupied, observedAt }: GivenReport): OccupancyReport {
  if (lotId != null && cars != null && spaceId == null && occupied == null)
    return { lotId: decodeIdOf('ParkingLot', lotId), cars, observedAt };
  if (spaceId != null && occupied != null && lotId == null && cars == null)
    return { spaceId: decodeIdOf('ParkingSpace', spaceId), isOccupied: occupied, observedAt };
  throw new ValidationError('A report has lotId and cars, or spaceId and occupied.');
}
