import type { DeviceActor } from '../lib/actor.ts';
import { type DomainError, NotFoundError, ValidationError } from '../lib/errors.ts';
import { grouped } from '../lib/grouped.ts';
import type { Author, Work } from '../work.ts';
import type { Display } from './display.ts';
import { lockDisplays, saveReported } from './display-store.ts';
import { keepReceipts } from './takeover-receipt-store.ts';

/** What a device says of what it was told to show. */
export interface LayoutReport {
  readonly author: Author & { readonly actor: DeviceActor };
  readonly displayVersion: bigint;
  /** Why it cannot show it, in its words; null: it shows it. */
  readonly failure: string | null;
}

/**
 * Keeps what devices say they show, or why they cannot, as if one had spoken after the other. Of a version that it is no
 * longer to show a device changes nothing: the newer one is on its way. Said twice it is said once.
 *
 * A report is refused with NotFoundError when its device was removed, with ValidationError for a version it was never
 * told, and takes no other with it.
 */
export async function reportApplied(
  work: Work,
  reports: readonly LayoutReport[],
): Promise<readonly (Display | DomainError)[]> {
  const answers = new Map<LayoutReport, Display | DomainError>();
  for (const [venueId, ofVenue] of byVenue(reports))
    for (const round of roundsOf(ofVenue)) await takeRound(work, { venueId, round }, answers);
  return reports.map((report) => answers.get(report) as Display | DomainError);
}

/** Of one venue, each of another device. */
async function takeRound(
  work: Work,
  { venueId, round }: { readonly venueId: string; readonly round: readonly LayoutReport[] },
  answers: Map<LayoutReport, Display | DomainError>,
): Promise<void> {
  const { tx, now } = work;
  const locked = await lockDisplays(tx, venueId, round.map(deviceOf));
  const displays = new Map(locked.map((display) => [display.deviceId, display]));
  const heard: LayoutReport[] = [];
  const changed: Display[] = [];
  for (const report of round) {
    const display = displays.get(deviceOf(report));
    const refusal = refusalOf(report, display);
    if (!display || refusal) {
      answers.set(report, refusal ?? new NotFoundError('device'));
      continue;
    }
    heard.push(report);
    const reported = withReport(display, report, now);
    answers.set(report, reported);
    if (reported === display) continue;
    changed.push(reported);
    announce(work, reported, report);
  }
  // A takeover that is over by now was shown all the same.
  await keepReceipts(
    tx,
    heard.map((report) => ({
      deviceId: deviceOf(report),
      version: report.displayVersion,
      failure: report.failure,
    })),
    { at: now },
  );
  await saveReported(tx, changed);
}

function refusalOf({ displayVersion }: LayoutReport, display: Display | undefined): DomainError | null {
  if (!display) return new NotFoundError('device');
  if (displayVersion < 1n || displayVersion > display.version)
    return new ValidationError('The device was never told a display of this version.', {
      field: 'displayVersion',
    });
  return null;
}

/** The display as it is with what its device says; the same when that changes nothing. */
function withReport(display: Display, { displayVersion, failure }: LayoutReport, now: Date): Display {
  const { version, desired, applied, failed } = display;
  const isKnown =
    failure === null
      ? applied?.version === version && failed?.version !== version
      : failed?.version === version && failed.reason === failure;
  if (displayVersion < version || isKnown) return display;
  if (failure !== null) return { ...display, failed: { version, reason: failure, at: now } };
  const layout = desired && { layoutId: desired.layoutId, revision: desired.revision };
  return { ...display, applied: { version, layout, at: now }, failed: null };
}

function announce(
  work: Work,
  { venueId, deviceId, desired, version }: Display,
  { failure, author }: LayoutReport,
): void {
  const of = {
    venueId,
    deviceId,
    layoutId: desired?.layoutId ?? null,
    revision: desired?.revision ?? null,
    displayVersion: String(version),
  };
  const at = work.now.toISOString();
  if (failure === null) work.emit({ type: 'signage.layout-applied', ...of, appliedAt: at }, author);
  else work.emit({ type: 'signage.layout-failed', ...of, reason: failure, failedAt: at }, author);
}

const deviceOf = ({ author }: LayoutReport): string => author.actor.deviceId;

/** In the order of the venues' ids, as whoever else locks displays of several. */
function byVenue(reports: readonly LayoutReport[]): readonly (readonly [string, readonly LayoutReport[]])[] {
  const venues = grouped(reports, ({ author }) => author.actor.venueId);
  return [...venues].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** In each round a device speaks once, in the order in which it spoke. */
function roundsOf(reports: readonly LayoutReport[]): readonly (readonly LayoutReport[])[] {
  const spoken = [...grouped(reports, deviceOf).values()];
  const most = Math.max(...spoken.map(({ length }) => length));
  return Array.from({ length: most }, (_, at) => spoken.flatMap((ofDevice) => ofDevice[at] ?? []));
}

const MAX_FAILURE = 500;

/** Whatever a device says is kept as far as it can be shown. @throws ValidationError when it says nothing, or too much */
export function parseFailure(text: string): string {
  const words = text
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim()
    .normalize('NFC');
  if (words.length === 0 || words.length > MAX_FAILURE)
    throw new ValidationError(`failure takes 1 to ${MAX_FAILURE} characters.`, { field: 'failure' });
  return words;
}
