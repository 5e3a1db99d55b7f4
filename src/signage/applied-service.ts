import { findDevicesByIds } from '../auth/device-store.ts';
import { NotFoundError, PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import type { Display } from './display.ts';
import { lockDisplays, saveReported } from './display-store.ts';
import { keepReceipt } from './takeover-receipt-store.ts';

/** What a device says of what it was told to show. */
export interface LayoutReport {
  readonly displayVersion: bigint;
  /** Why it cannot show it, in its words; null: it shows it. */
  readonly failure: string | null;
}

/**
 * Keeps what a device says it shows, or why it cannot. Of a version that it is no longer to show it changes nothing:
 * the newer one is on its way. Said twice it is said once.
 *
 * @throws PermissionDeniedError to who is no device; NotFoundError when it was removed; ValidationError for a version it was never told
 */
export async function reportApplied(work: Work, report: LayoutReport): Promise<Display> {
  const { tx, actor, now } = work;
  if (actor.kind !== 'device') throw new PermissionDeniedError('report what a device shows');
  const { deviceId, venueId } = actor;
  const failure = report.failure === null ? null : parseFailure(report.failure);
  const [device] = await findDevicesByIds(tx, venueId, [deviceId]);
  if (device?.status !== 'ACTIVE') throw new NotFoundError('device');
  const [display] = await lockDisplays(tx, venueId, [deviceId]);
  if (!display || report.displayVersion < 1n || report.displayVersion > display.version)
    throw new ValidationError('The device was never told a display of this version.');
  // A takeover that is over by now was shown all the same.
  await keepReceipt(tx, { deviceId, version: report.displayVersion, at: now, failure });
  const { version, desired } = display;
  const isKnown =
    failure === null
      ? display.applied?.version === version && display.failed?.version !== version
      : display.failed?.version === version && display.failed.reason === failure;
  if (report.displayVersion < version || isKnown) return display;

  const layout = desired && { layoutId: desired.layoutId, revision: desired.revision };
  const reported: Display =
    failure === null
      ? { ...display, applied: { version, layout, at: now }, failed: null }
      : { ...display, failed: { version, reason: failure, at: now } };
  await saveReported(tx, reported);
  const of = {
    venueId,
    deviceId,
    layoutId: layout?.layoutId ?? null,
    revision: layout?.revision ?? null,
    displayVersion: String(version),
  };
  if (failure === null) work.emit({ type: 'signage.layout-applied', ...of, appliedAt: now.toISOString() });
  else work.emit({ type: 'signage.layout-failed', ...of, reason: failure, failedAt: now.toISOString() });
  return reported;
}

const MAX_FAILURE = 500;

/** Whatever a device says is kept as far as it can be shown. @throws ValidationError when it says nothing, or too much */
function parseFailure(text: string): string {
  const words = text
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim()
    .normalize('NFC');
  if (words.length === 0 || words.length > MAX_FAILURE)
    throw new ValidationError(`failure takes 1 to ${MAX_FAILURE} characters.`);
  return words;
}
