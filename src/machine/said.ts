import { billOfException, billValueOf } from '../sas/codec/denominations.ts';
import type { EventData } from '../sas/codec/event-data.ts';
import { EXCEPTIONS } from '../sas/codec/exceptions.ts';
import type { ExceptionReport, IdentityReport, ProgressiveWinReport } from '../sas/host/report.ts';
import type { Work } from '../work.ts';
import { recordHandpayReset } from './handpay-service.ts';
import { holdException } from './held-exception-store.ts';
import { recordProgressiveWin } from './jackpot-service.ts';
import type { Machine, MachineIdentity } from './machine.ts';
import type { MachineEventType } from './machine-event.ts';
import { recordException, recordIdentity } from './service.ts';

/** What is put on record in one transaction, and nothing is left to do about it. */
export type SaidReport = IdentityReport | ExceptionReport | ProgressiveWinReport;

/** What a machine said of itself, as domain values in the transaction. */
export async function recordSaid(
  work: Work,
  {
    machine,
    report,
    eventId,
  }: {
    readonly machine: Machine;
    readonly report: SaidReport;
    readonly eventId: string;
  },
): Promise<void> {
  const subject = { venueId: machine.venueId, machineId: machine.id };
  if (report.kind === 'identity') {
    return await recordIdentity(work, { ...subject, identity: identityOf(report.identity), at: report.at });
  }
  if (report.kind === 'progressive') {
    // What the machine paid of its own is none of ours.
    if (report.by !== 'SAS_PROGRESSIVE') return;
    const { group, level, cents, at: wonAt } = report;
    return await recordProgressiveWin(work, { ...subject, id: eventId, group, level, cents, wonAt });
  }
  const type = typeOf(report.code);
  const isNew = await recordException(work, {
    ...subject,
    id: eventId,
    type,
    exceptionCode: report.code,
    data: dataOf(report.code, report.data),
    occurredAt: report.at,
  });
  if (isNew && type === 'HANDPAY_RESET') await recordHandpayReset(work, subject, report.at);
  await holdException(work.tx, { ...subject, eventId, code: report.code });
}

const typeOf = (code: number): MachineEventType => EXCEPTIONS.get(code)?.name ?? 'UNKNOWN_EXCEPTION';

/** What the exception says beyond its code, as JSON values; a bill's value in whole units. */
function dataOf(code: number, data: EventData | null): Record<string, unknown> | null {
  const bill =
    billOfException(code) ?? (data?.kind === 'BILL_ACCEPTED' ? billValueOf(data.denomination) : null);
  if (!data) return bill === null ? null : { billValue: bill.toString() };
  const { kind: _, ...fields } = data;
  const plain = Object.entries(fields).map(([key, value]) => [
    key,
    typeof value === 'bigint' ? value.toString() : value,
  ]);
  return { ...Object.fromEntries(plain), ...(bill !== null && { billValue: bill.toString() }) };
}

function identityOf(seen: IdentityReport['identity']): MachineIdentity {
  return {
    serialNumber: seen.serialNumber,
    sasVersion: seen.sasVersion,
    gameId: seen.gameId,
    paytableId: seen.paytableId,
    basePercent: percentOf(seen.basePercent),
    denominationCode: seen.denominationCode,
    additionalId: seen.additionalId,
    maxBet: seen.maxBet,
    numberOfGames: seen.numberOfGames,
    // Where there is none it says 0.
    assetNumber: seen.assetNumber || null,
    capabilities: seen.features,
  };
}

/** "9068" is 90.68 %. */
function percentOf(digits: string | null): string | null {
  return digits && /^\d{4}$/.test(digits) ? `${Number(digits.slice(0, 2))}.${digits.slice(2)}` : digits;
}
