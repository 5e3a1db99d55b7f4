import { describe, expect, test } from 'vitest';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import { RESET_HANDPAY } from '../../../src/sas/codec/long-polls/handpay.ts';
import { REDEEM_TICKET, TICKET_IN_ESCROW } from '../../../src/sas/codec/long-polls/tickets.ts';
import { PENDING_CASH_OUT, VALIDATION_NUMBER } from '../../../src/sas/codec/long-polls/validation.ts';
import { type MeterName, meterCode } from '../../../src/sas/codec/meters.ts';
import { createSasHost, type SasHost } from '../../../src/sas/host/host.ts';
import type { HostReport } from '../../../src/sas/host/report.ts';
import { discrepancies } from '../../../src/sas/simulator/audit.ts';
import type { Egm } from '../../../src/sas/simulator/egm.ts';
import { createLine } from '../../../src/sas/simulator/line.ts';
import { memoryLine } from '../../../src/sas/simulator/memory-port.ts';
import { createPowerSwitch, type PowerSwitch } from '../../../src/sas/simulator/power-switch.ts';
import { connect } from '../../../src/sas/simulator/wire.ts';
import { aManualClock, type ManualClock } from './manual-clock.ts';
import { expectSameMeters } from './play-under-faults.ts';

/**
 * Money that moves while the power of the machine goes off with each byte of the conversation in turn, a byte the host
 * sends or one the machine does. The host talks on, and the power comes back.
 */

const POWER_APPLIED = 0x17;
const HANDPAY_PENDING = 0x51;
const BARCODE = '011234567890123456';
const NUMBER = '1234567890123456';

interface Story {
  readonly name: string;
  /** What the player does before the first byte. */
  begin(egm: Egm): void;
  /** What the host does when it hears of something; it may be asked again and again. */
  answer(host: SasHost, code: number, ledger: Ledger): Promise<unknown>;
  /** What must hold at the end, whenever the power was cut. */
  check(egm: Egm, ledger: Ledger): void;
}

/** What the host believes of the money. */
interface Ledger {
  ticketOut: bigint;
  ticketIn: 'UNKNOWN' | 'REDEEMED' | 'RETURNED';
}

const meter = (egm: Egm, name: MeterName): bigint => egm.meters().get(meterCode(name)) ?? 0n;

const STORIES: readonly Story[] = [
  {
    name: 'a bill',
    begin: (egm) => void egm.insertBill(20n),
    answer: async () => {},
    check(egm) {
      expect(meter(egm, 'CURRENT_CREDITS')).toBe(2_500n);
      expect(meter(egm, 'BILLS_ACCEPTED_20')).toBe(1n);
    },
  },
  {
    name: 'a handpay',
    begin(egm) {
      egm.play({ wager: 100n, win: 50_000n });
    },
    async answer(host, code) {
      // Once the host has read 1B nobody says 51 again: after a power loss it asks by itself.
      if (code === HANDPAY_PENDING || code === POWER_APPLIED) await host.execute(1, RESET_HANDPAY, {});
    },
    check(egm) {
      expect(meter(egm, 'JACKPOT')).toBe(50_000n);
      expect(meter(egm, 'TOTAL_HAND_PAID')).toBe(50_000n);
      expect(meter(egm, 'CURRENT_CREDITS')).toBe(400n);
      expect(egm.state().handpays.filter(({ paid }) => !paid)).toEqual([]);
    },
  },
  {
    name: 'a ticket printed',
    begin: (egm) => void egm.cashOut(),
    async answer(host, code, ledger) {
      if (code !== 0x57) return;
      const pending = await host.execute(1, PENDING_CASH_OUT, {});
      if (!('answer' in pending) || pending.answer.type !== 'CASHABLE') return;
      const given = await host.execute(1, VALIDATION_NUMBER, { systemId: 1, number: NUMBER });
      if ('answer' in given && given.answer.status === 'OK') ledger.ticketOut = pending.answer.cents ?? 0n;
    },
    check(egm, ledger) {
      // The player has the credits, or a ticket of a number the host knows; what the host missed it finds in 4D.
      const tickets = egm.state().tickets.records.map(({ record }) => record);
      const printed = meter(egm, 'VALIDATED_CASHABLE_TICKET_OUT_CENTS');
      expect(tickets.map(({ number }) => number)).toEqual(printed > 0n ? [NUMBER] : []);
      expect(printed + meter(egm, 'CURRENT_CREDITS')).toBe(500n);
      if (ledger.ticketOut > 0n) expect(printed).toBe(500n);
    },
  },
  {
    name: 'a ticket redeemed',
    begin: (egm) => void egm.insertTicket(BARCODE),
    async answer(host, code, ledger) {
      if (code === 0x67) {
        const escrow = await host.execute(1, TICKET_IN_ESCROW, {});
        if (!('answer' in escrow) || escrow.answer.ticket?.data !== BARCODE) return;
        const ticket = { code: 'CASHABLE', cents: 300n, parsing: 'BCD', data: BARCODE, terms: null } as const;
        await host.execute(1, REDEEM_TICKET, ticket);
      }
      const told = await host.execute(1, REDEEM_TICKET, { code: 'STATUS_QUERY' });
      if (!('answer' in told) || told.answer.ticket?.data !== BARCODE) return;
      if (told.answer.status === 'CASHABLE_REDEEMED') ledger.ticketIn = 'REDEEMED';
      else if (told.answer.status !== 'PENDING') ledger.ticketIn = 'RETURNED';
    },
    check(egm, ledger) {
      const redeemed = meter(egm, 'VALIDATED_CASHABLE_TICKET_IN_CENTS');
      expect(meter(egm, 'CURRENT_CREDITS')).toBe(500n + redeemed);
      if (ledger.ticketIn === 'REDEEMED') expect(redeemed).toBe(300n);
      else expect(redeemed).toBe(0n);
    },
  },
];

const settings = {
  printer: true,
  jackpotLimit: 10_000n,
  features: {
    ...NO_FEATURES,
    validationStyle: 'SYSTEM',
    ticketRedemption: true,
    extendedMeters: true,
  },
} as const;

interface Run {
  readonly machine: PowerSwitch;
  readonly reports: readonly HostReport[];
  readonly ledger: Ledger;
  readonly firstByte: number;
  readonly lastByte: number;
}

/** The story, with the power cut so many bytes into it and back two seconds later; never, for null. */
async function tell(story: Story, cutAfter: number | null): Promise<Run> {
  const clock = aManualClock();
  const machine = createPowerSwitch({ address: 1, clock, settings });
  const wire = memoryLine();
  connect(createLine({ egms: [machine] }), wire.egm);
  const reports: HostReport[] = [];
  const ledger: Ledger = { ticketOut: 0n, ticketIn: 'UNKNOWN' };
  const host = createSasHost({
    open: () => wire.open(),
    addresses: [1],
    clock,
    random: () => 0.5,
    report: async (made) => {
      reports.push(made);
      if (made.kind === 'exception') void story.answer(host, made.code, ledger).catch(() => {});
    },
  });
  host.start();
  machine.egm?.insertBill(5n);
  await clock.advance(3_000);
  const firstByte = machine.bytes;
  if (machine.egm) story.begin(machine.egm);
  if (cutAfter !== null) machine.cutPowerAt(firstByte + cutAfter);
  const lastByte = await untilSettled({ machine, clock });
  await until(host, clock);
  return { machine, reports, ledger, firstByte, lastByte };
}

/** Long enough for the whole exchange; whenever the power is off it is back two seconds later. */
async function untilSettled({
  machine,
  clock,
}: {
  machine: PowerSwitch;
  clock: ManualClock;
}): Promise<number> {
  await clock.advance(1_500);
  const { bytes } = machine;
  if (machine.egm === null) {
    await clock.advance(500);
    machine.restorePower();
  }
  await clock.advance(8_000);
  return bytes;
}

async function until(host: SasHost, clock: ManualClock): Promise<void> {
  const read = host.readMeters(1);
  await clock.advance(3_000);
  expect(await read).toBe('READ');
  const disposed = host[Symbol.asyncDispose]();
  await clock.advance(1_000);
  await disposed;
}

function expectConsistent({ machine, reports, ledger }: Run, story: Story): void {
  const { egm } = machine;
  if (egm === null) throw new Error('the power is off');
  expect(discrepancies(egm.state())).toEqual([]);
  expectSameMeters(reports, egm);
  story.check(egm, ledger);
  egm[Symbol.dispose]();
}

describe.each(STORIES)('$name', (story) => {
  test('goes through with the power on', async () => {
    const run = await tell(story, null);
    expectConsistent(run, story);
    if (story.name === 'a ticket printed') expect(run.ledger.ticketOut).toBe(500n);
    if (story.name === 'a ticket redeemed') expect(run.ledger.ticketIn).toBe('REDEEMED');
  });

  test('is there once or not at all, on both sides, whichever byte the power goes off with', {
    timeout: 240_000,
  }, async () => {
    const whole = await tell(story, null);
    const length = whole.lastByte - whole.firstByte;
    expect(length).toBeGreaterThan(40);
    for (let byte = 1; byte <= length; byte += 1) {
      const run = await tell(story, byte);
      expect(run.machine.egm?.state().powerResets, `byte ${byte}`).toBe(2n);
      expectConsistent(run, story);
    }
  });
});
