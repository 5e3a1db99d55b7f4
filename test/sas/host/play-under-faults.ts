/** An hour of play, or a part of it, on a line where one message in twenty is hit; and what must hold afterwards. */
import { expect } from 'vitest';
import { billValueOf, exceptionOfBill } from '../../../src/sas/codec/denominations.ts';
import { DEFAULT_METERS } from '../../../src/sas/host/profiles.ts';
import type { HostReport } from '../../../src/sas/host/report.ts';
import { discrepancies } from '../../../src/sas/simulator/audit.ts';
import { playing } from '../../../src/sas/simulator/behaviours/playing.ts';
import type { CabinetState, StoredException } from '../../../src/sas/simulator/cabinet-state.ts';
import type { Egm } from '../../../src/sas/simulator/egm.ts';
import type { Random } from '../../../src/sas/simulator/random.ts';
import type { ManualClock } from './manual-clock.ts';

/**
 * What a machine takes to answer. The second of two polls at once then cancels the answer to the first (SAS.md 1.1), as
 * with any real machine; who answers both, and late, leaves answers on the line that nobody can tell from the next.
 */
export const RESPONSE_DELAY_MS = 5;

/** Notes everything a machine raises, in order, as the host should hear of it, and audits each of its states. */
export function watchMachine(egm: Egm): {
  readonly raised: readonly number[];
  readonly faults: readonly string[];
} {
  const raised: number[] = [];
  const faults: string[] = [];
  let lastId = 0;
  const note = (state: CabinetState): void => {
    for (const exception of state.queuedExceptions)
      if (exception.id > lastId) raised.push(shownCode(exception));
    lastId = Math.max(lastId, state.nextExceptionId - 1);
    faults.push(...discrepancies(state));
  };
  note(egm.state());
  egm.onChange(note);
  return { raised, faults };
}

function shownCode({ code, data }: StoredException): number {
  return data?.kind === 'BILL_ACCEPTED' ? exceptionOfBill(billValueOf(data.denomination) ?? 0n) : code;
}

export interface BadPlay {
  readonly clock: ManualClock;
  readonly egms: readonly Egm[];
  readonly random: Random;
  /** Whether the line is bad is switched here. */
  readonly noise: { isBad: boolean };
  readonly playMs: number;
}

/** Machines come online; there is play on a bad line for `playMs` of its clock; what is left is polled on a good one. */
export async function playBadly({ clock, egms, random, noise, playMs }: BadPlay): Promise<void> {
  await clock.advance(5_000);
  noise.isBad = true;
  const players = egms.map((egm) => playing(egm, { random, clock }));
  await clock.advance(playMs);
  for (const player of players) player[Symbol.dispose]();
  await clock.advance(20_000);
  noise.isBad = false;
  await clock.advance(20_000);
}

export interface Watched {
  readonly egm: Egm;
  readonly raised: readonly number[];
  readonly faults: readonly string[];
}

/** Every exception once and in order, the host's meters those of the machines, and no money made or lost in any state. */
export function expectSound(
  reports: readonly HostReport[],
  watched: readonly Watched[],
  playMs: number,
): void {
  for (const { egm, raised, faults } of watched) {
    expect(raised.length).toBeGreaterThan(playMs / 10_000);
    expect(exceptionsOf(reports, egm.address), `machine ${egm.address}`).toEqual(raised);
    expectSameMeters(reports, egm);
    expect(faults).toEqual([]);
  }
}

interface Figures {
  readonly reports: readonly HostReport[];
  readonly playMs: number;
  readonly wallMs: number;
  readonly hits: number;
}

export function figuresOf({ reports, playMs, wallMs, hits }: Figures): string {
  const count = (is: (made: HostReport) => boolean) => reports.filter(is).length;
  const exceptions = count(({ kind }) => kind === 'exception');
  const offline = count((made) => made.kind === 'link' && made.state === 'OFFLINE');
  const minutes = playMs / 60_000;
  const seconds = Math.round(wallMs / 1_000);
  return `${minutes} min by the line's clock in ${seconds} s: ${hits} messages hit, ${exceptions} exceptions, ${offline} times offline`;
}

const exceptionsOf = (reports: readonly HostReport[], address: number): number[] =>
  reports.flatMap((made) => (made.kind === 'exception' && made.address === address ? made.code : []));

/** The host's newest value of each meter, against the machine's own. */
export function expectSameMeters(reports: readonly HostReport[], egm: Egm): void {
  const shown = new Map<number, bigint>();
  for (const made of reports) {
    if (made.kind !== 'meters' || made.address !== egm.address) continue;
    for (const [code, { value }] of made.values) if (value !== null) shown.set(code, value);
  }
  const codes = [...DEFAULT_METERS.fast, ...DEFAULT_METERS.slow];
  const own = new Map(codes.map((code) => [code, egm.meters().get(code)]));
  expect(new Map(codes.map((code) => [code, shown.get(code)])), `machine ${egm.address}`).toEqual(own);
}
