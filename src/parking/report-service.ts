import type { DeviceKind } from '../auth/device.ts';
import type { DeviceActor } from '../lib/actor.ts';
import { DomainError, NotFoundError, NotOwnerError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import { LotCountedOtherwiseError } from './errors.ts';
import type { CountedBy } from './lot.ts';
import { announceOccupancies } from './occupancy-service.ts';
import {
  type Observation,
  type OccupancyReport,
  outcomeOf,
  parseReports,
  type ReportOutcome,
  type SpaceReport,
} from './report.ts';
import {
  lockReported,
  type NewObservation,
  type ReportedLot,
  type ReportedSpace,
  readDeviceKinds,
  saveCars,
  saveSpaces,
} from './report-store.ts';

/** What a device says at once: all of it counts, or nothing. */
export interface ReportCall {
  readonly device: Pick<DeviceActor, 'deviceId' | 'venueId'>;
  readonly reports: readonly OccupancyReport[];
}

/** What became of each report of a call, in their order; or why none was taken. */
export type ReportAnswer = readonly ReportOutcome[] | DomainError;

/**
 * Takes what gates and sensors say, as if one had called after the other, and announces each lot once.
 *
 * A call is refused with ValidationError, NotFoundError, NotOwnerError or LotCountedOtherwiseError, and takes no other
 * call with it.
 */
export async function applyReports(
  work: Work,
  calls: readonly ReportCall[],
): Promise<readonly ReportAnswer[]> {
  const { tx } = work;
  const reports = calls.flatMap((call) => call.reports);
  const kinds = await readDeviceKinds(tx, [...new Set(calls.map(({ device }) => device.deviceId))]);
  const { lots, spaces } = await lockReported(tx, {
    lotIds: unique(reports.flatMap((report) => ('lotId' in report ? report.lotId : []))),
    spaceIds: unique(reports.flatMap((report) => ('spaceId' in report ? report.spaceId : []))),
  });
  const book = openBook({ lots, spaces });
  const answers = calls.map((call) => {
    const refusal = refusalOf(call, { kind: kinds.get(call.device.deviceId), lots, spaces, now: work.now });
    return refusal ?? call.reports.map((report) => book.enter(report, call.device.deviceId));
  });
  await saveCars(tx, book.cars());
  await saveSpaces(tx, book.spaces());
  await announceOccupancies(work, book.lotIds());
  return answers;
}

interface Reported {
  readonly lots: ReadonlyMap<string, ReportedLot>;
  readonly spaces: ReadonlyMap<string, ReportedSpace>;
}

/** What is known as one report after the other is entered, and what of it is new. */
function openBook({ lots, spaces }: Reported) {
  const cars = new Map<string, NewObservation<number>>();
  const occupied = new Map<string, NewObservation<boolean>>();
  const lotIds = new Set<string>();

  function enterIn<T extends number | boolean>(
    entries: Map<string, NewObservation<T>>,
    said: NewObservation<T>,
    { known, lotId }: { readonly known: Observation<T> | null; readonly lotId: string },
  ): ReportOutcome {
    const outcome = outcomeOf(entries.get(said.id) ?? known, said);
    if (outcome === 'APPLIED') {
      entries.set(said.id, said);
      lotIds.add(lotId);
    }
    return outcome;
  }

  return {
    enter(report: OccupancyReport, deviceId: string): ReportOutcome {
      const { observedAt } = report;
      if ('lotId' in report) {
        const { lotId, cars: value } = report;
        const known = lots.get(lotId)?.cars ?? null;
        return enterIn(cars, { id: lotId, value, observedAt, deviceId }, { known, lotId });
      }
      const { spaceId, isOccupied: value } = report;
      const space = spaces.get(spaceId);
      const known = space?.isOccupied ?? null;
      return enterIn(
        occupied,
        { id: spaceId, value, observedAt, deviceId },
        { known, lotId: space?.lotId ?? '' },
      );
    },
    cars: () => [...cars.values()],
    spaces: () => [...occupied.values()],
    lotIds: () => [...lotIds],
  };
}

/** Why a call is not taken; null: it is. */
function refusalOf(
  { device, reports }: ReportCall,
  { kind, lots, spaces, now }: Reported & { readonly kind: DeviceKind | undefined; readonly now: Date },
): DomainError | null {
  try {
    parseReports(reports, now);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  for (const report of reports) {
    const isOfLot = 'lotId' in report;
    const lot = isOfLot ? lots.get(report.lotId) : lotOf(report, { lots, spaces });
    if (lot?.venueId !== device.venueId) return new NotFoundError(isOfLot ? 'parking lot' : 'parking space');
    if (kind !== (isOfLot ? 'GATE' : 'SENSOR'))
      return new NotOwnerError(isOfLot ? 'count a parking lot' : 'say what stands on a parking space');
    const counter: CountedBy = isOfLot ? 'GATES' : 'SENSORS';
    if (lot.countedBy !== counter) return new LotCountedOtherwiseError(lot);
  }
  return null;
}

const lotOf = ({ spaceId }: SpaceReport, { lots, spaces }: Reported) =>
  lots.get(spaces.get(spaceId)?.lotId ?? '');

const unique = (ids: readonly string[]) => [...new Set(ids)];
