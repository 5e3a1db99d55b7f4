import type { SasDateTime } from '../sas/codec/date-time.ts';
import { billOfException, billValueOf } from '../sas/codec/denominations.ts';
import type { EventData } from '../sas/codec/event-data.ts';
import { EXCEPTIONS } from '../sas/codec/exceptions.ts';
import type { GameIdentity, MachineReport } from '../sas/host/report.ts';
import type { Work } from '../work.ts';
import { recordClock } from './clock-service.ts';
import type { MachineGame } from './game.ts';
import { recordGames } from './game-service.ts';
import { recordHandpayReset } from './handpay-service.ts';
import { holdException } from './held-exception-store.ts';
import { recordProgressiveWin } from './jackpot-service.ts';
import type { Machine, MachineIdentity } from './machine.ts';
import type { MachineEventType } from './machine-event.ts';
import { plainOf, recordRecovery } from './recovery-service.ts';
import { recordRomSignature } from './rom-signature-service.ts';
import { recordException, recordIdentity } from './service.ts';

/** What is put on record in one transaction, and nothing is left to do about it. */
export type SaidReport = Extract<
  MachineReport,
  {
    readonly kind: 'identity' | 'games' | 'exception' | 'progressive' | 'clock' | 'signature' | 'recovery';
  }
>;

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
  const { at } = report;
  switch (report.kind) {
    case 'identity':
      return await recordIdentity(work, { ...subject, identity: identityOf(report.identity), at });
    case 'games':
      return await recordGames(work, subject, { games: report.games.map(gameOf), at });
    case 'progressive': {
      // What the machine paid of its own is none of ours.
      if (report.by !== 'SAS_PROGRESSIVE') return;
      const { group, level, cents } = report;
      return await recordProgressiveWin(work, { ...subject, id: eventId, group, level, cents, wonAt: at });
    }
    case 'clock':
      return await recordClock(work, subject, { ...report, shown: report.shown && wallClock(report.shown) });
    case 'signature': {
      const { seed, signature } = report;
      return await recordRomSignature(work, { ...subject, id: eventId, seed, signature, at });
    }
    case 'recovery':
      return await recordRecovery(work, {
        ...subject,
        kind: report.poll,
        answer: plainOf(report.answer),
        at,
      });
    case 'exception':
      return await recordExceptionSaid(work, subject, { report, eventId });
  }
}

async function recordExceptionSaid(
  work: Work,
  subject: { readonly venueId: string; readonly machineId: string },
  {
    report: { code, data, at },
    eventId,
  }: { readonly report: Extract<SaidReport, { kind: 'exception' }>; readonly eventId: string },
): Promise<void> {
  const type = typeOf(code);
  const exception = { type, exceptionCode: code, data: dataOf(code, data), occurredAt: at };
  const isNew = await recordException(work, { ...subject, id: eventId, ...exception });
  if (isNew && type === 'HANDPAY_RESET') await recordHandpayReset(work, subject, at);
  await holdException(work.tx, { ...subject, eventId, code });
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

const two = (part: number) => String(part).padStart(2, '0');

/** `2026-03-29T02:30:00`, in whatever zone the machine is. */
const wallClock = ({ year, month, day, hour, minute, second }: SasDateTime): string =>
  `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;

function identityOf(seen: Extract<SaidReport, { kind: 'identity' }>['identity']): MachineIdentity {
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
    enabledGames: seen.enabledGames,
    selectedGame: seen.selectedGame,
    enabledDenominations: seen.enabledDenominations,
  };
}

const gameOf = ({ game, basePercent, ...seen }: GameIdentity): MachineGame => ({
  ...seen,
  number: game,
  basePercent: percentOf(basePercent),
});

/** "9068" is 90.68 %. */
function percentOf(digits: string | null): string | null {
  return digits && /^\d{4}$/.test(digits) ? `${Number(digits.slice(0, 2))}.${digits.slice(2)}` : digits;
}
