/** An hour of play, or a part of it, on a line where one message in twenty is hit; and what must hold afterwards. */
import { expect } from 'vitest';
import { billValueOf, exceptionOfBill } from '../../../src/sas/codec/denominations.ts';
import { DEFAULT_METERS } from '../../../src/sas/host/profiles.ts';
import type { HostReport } from '../../../src/sas/host/report.ts';
import { discrepancies } from '../../../src/sas/simulator/audit.ts';
import type { CabinetState, StoredException } from '../../../src/sas/simulator/cabinet-state.ts';
import type { Egm } from '../../../src/sas/simulator/egm.ts';

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

export const exceptionsOf = (reports: readonly HostReport[], address: number): number[] =>
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
