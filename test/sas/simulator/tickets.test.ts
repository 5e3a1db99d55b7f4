import { afterEach, describe, expect, test } from 'vitest';
import { NO_FEATURES, type ValidationStyle } from '../../../src/sas/codec/features.ts';
import {
  REDEEM_TICKET,
  type RedeemTicket,
  TICKET_IN_ESCROW,
} from '../../../src/sas/codec/long-polls/tickets.ts';
import * as validation from '../../../src/sas/codec/long-polls/validation.ts';
import { type MeterName, meterCode } from '../../../src/sas/codec/meters.ts';
import { discrepancies } from '../../../src/sas/simulator/audit.ts';
import type { EgmOptions } from '../../../src/sas/simulator/egm.ts';
import { volatileMemory } from '../../../src/sas/simulator/memory.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { aTalk, drain, type Talk, talkTo } from './talk.ts';

const BARCODE = '011234567890123456';
const PRINTED = '3D';
const REDEEMED = '68';

const settingsFor = (validationStyle: ValidationStyle) => ({
  printer: true,
  features: { ...NO_FEATURES, validationStyle, ticketRedemption: true, validationExtensions: true },
});

interface Printing {
  readonly talk: Talk;
  readonly clock: ManualClock;
}

function aPrinting(style: ValidationStyle, options: Partial<EgmOptions> = {}): Printing {
  const clock = manualClock();
  const talk = aTalk({ clock, settings: settingsFor(style), ...options });
  talk.egm.insertBill(5n);
  drain(talk);
  talks.push(talk);
  return { talk, clock };
}

const talks: Talk[] = [];

afterEach(() => {
  for (const talk of talks.splice(0)) expect(discrepancies(talk.egm.state())).toEqual([]);
});

const meter = ({ egm }: Talk, name: MeterName): bigint => egm.meters().get(meterCode(name)) ?? 0n;

describe('standard validation', () => {
  test('prints at once, and tells number and amount by 3D', () => {
    const { talk } = aPrinting('STANDARD');
    expect(talk.egm.cashOut()).toBeNull();
    expect(drain(talk)).toEqual(['66', PRINTED]);
    expect(talk.read(validation.CASH_OUT_TICKET, {})).toEqual({ number: '00000001', cents: 500n });
    expect(meter(talk, 'CURRENT_CREDITS')).toBe(0n);
    expect(meter(talk, 'VALIDATED_CASHABLE_TICKET_OUT_CENTS')).toBe(500n);
    expect(talk.read(validation.VALIDATION_METERS, { type: 'CASHABLE_TICKET' })).toEqual({
      type: 'CASHABLE_TICKET',
      count: 1n,
      cents: 500n,
    });
  });

  test('is silent on the polls of the other styles', () => {
    const { talk } = aPrinting('STANDARD');
    expect(talk.ask(validation.READ_VALIDATION_RECORD, { entry: 'NEXT_UNREAD' })).toBe('');
    expect(talk.ask(validation.PENDING_CASH_OUT, {})).toBe('');
    expect(talk.ask(validation.VALIDATION_ID, { id: 1, sequence: 0 })).toBe('');
  });
});

describe('secure enhanced validation', () => {
  test('has an attendant pay, and asks by 3F, until it has an id', () => {
    const { talk, clock } = aPrinting('SECURE_ENHANCED');
    talk.egm.cashOut();
    clock.advance(15_000);
    talk.sync();
    expect(drain(talk)).toEqual(['3F', '66', '51']);
    expect(talk.ask(validation.CASH_OUT_TICKET, {})).toBe('');
  });

  function configured(): Printing {
    const printing = aPrinting('SECURE_ENHANCED');
    printing.talk.ask(validation.VALIDATION_ID, { id: 7, sequence: 41 });
    printing.talk.sync();
    return printing;
  }

  test('makes its numbers of id and sequence, and a record is read once it is acknowledged', () => {
    const { talk } = configured();
    talk.egm.cashOut();
    expect(drain(talk)).toEqual([PRINTED, '66']);
    const next = () => talk.read(validation.READ_VALIDATION_RECORD, { entry: 'NEXT_UNREAD' }).record;
    expect(talk.read(validation.READ_VALIDATION_RECORD, { entry: 'PEEK' }).record?.cents).toBe(500n);
    talk.sync();
    const first = next();
    expect(first).toMatchObject({
      type: 'CASHABLE_TICKET',
      number: '0000000700000042',
      index: 1,
      systemId: 0,
    });
    expect(next()).toEqual(first);
    talk.sync();
    expect(next()).toBeNull();
    talk.sync();
    expect(talk.read(validation.READ_VALIDATION_RECORD, { entry: 1 }).record).toEqual(first);
  });

  test('tells an unread record again every fifteen seconds', () => {
    const { talk, clock } = configured();
    talk.egm.cashOut();
    expect(drain(talk)).toContain(PRINTED);
    for (let at = 0; at < 14; at += 1) {
      clock.advance(1_000);
      talk.sync();
    }
    expect(drain(talk)).toEqual([]);
    clock.advance(1_100);
    talk.sync();
    expect(drain(talk)).toEqual([PRINTED]);
  });

  test('does not go back when the host sets the id it has already', () => {
    const { talk } = configured();
    talk.egm.cashOut();
    drain(talk);
    expect(talk.read(validation.VALIDATION_ID, { id: 7, sequence: 0 })).toEqual({ id: 7, sequence: 42 });
    talk.sync();
    expect(talk.read(validation.VALIDATION_ID, { id: 0, sequence: 9 })).toEqual({ id: 7, sequence: 42 });
  });

  test('stops printing when 31 records are unread', () => {
    const { talk } = configured();
    for (let ticket = 0; ticket < 32; ticket += 1) {
      talk.egm.insertBill(1n);
      talk.egm.cashOut();
    }
    expect(talk.egm.state().tickets.records).toHaveLength(31);
    expect(talk.egm.state().handpayPending).toBe(true);
  });
});

describe('system validation', () => {
  const number = '1234567890123456';

  test('waits for the number of the host, and prints once however often that is said', () => {
    const { talk } = aPrinting('SYSTEM');
    talk.egm.cashOut();
    expect(drain(talk)).toEqual(['57', '66']);
    expect(meter(talk, 'CURRENT_CREDITS')).toBe(500n);
    expect(talk.read(validation.PENDING_CASH_OUT, {})).toEqual({ type: 'CASHABLE', cents: 500n });
    for (let time = 0; time < 3; time += 1) {
      expect(talk.read(validation.VALIDATION_NUMBER, { systemId: 1, number })).toEqual({ status: 'OK' });
      if (time === 1) talk.sync();
    }
    expect(meter(talk, 'VALIDATED_CASHABLE_TICKET_OUT_COUNT')).toBe(1n);
    expect(talk.egm.state().tickets.records).toHaveLength(1);
    talk.sync();
    expect(talk.read(validation.VALIDATION_NUMBER, { systemId: 1, number: '0'.repeat(16) })).toEqual({
      status: 'NOT_IN_CASH_OUT',
    });
  });

  test.each<[string, (printing: Printing) => void]>([
    ['refused', ({ talk }) => void talk.ask(validation.VALIDATION_NUMBER, { systemId: 0, number })],
    ['not given in ten seconds', ({ clock }) => clock.advance(10_000)],
  ])('a number that is %s has an attendant pay', (_, refuse) => {
    const printing = aPrinting('SYSTEM');
    const { talk } = printing;
    talk.egm.cashOut();
    drain(talk);
    refuse(printing);
    talk.sync();
    expect(drain(talk)).toEqual(['51']);
    expect(talk.read(validation.PENDING_CASH_OUT, {}).type).toBe('NOT_WAITING');
    expect(talk.egm.state().handpays).toMatchObject([{ cents: 500n }]);
  });

  test('a power loss leaves the credits where they were', () => {
    const memory = volatileMemory();
    const { talk } = aPrinting('SYSTEM', { memory });
    talk.egm.cashOut();
    const again = talkTo(aTalk({ memory, settings: settingsFor('SYSTEM') }).egm);
    expect(meter(again, 'CURRENT_CREDITS')).toBe(500n);
    expect(again.egm.state().tickets.pending).toBeNull();
  });
});

describe('redemption', () => {
  const accept = { code: 'CASHABLE', cents: 300n, parsing: 'BCD', data: BARCODE, terms: null } as const;
  const status = (talk: Talk) => talk.read(REDEEM_TICKET, { code: 'STATUS_QUERY' });

  function inserted(): Printing {
    const printing = aPrinting('SYSTEM');
    expect(printing.talk.egm.insertTicket(BARCODE)).toBeNull();
    expect(drain(printing.talk)).toEqual(['67']);
    return printing;
  }

  test('credits a ticket once it is stacked, and tells by 68', () => {
    const { talk, clock } = inserted();
    expect(talk.read(TICKET_IN_ESCROW, {})).toMatchObject({ status: 'IN_ESCROW', ticket: { data: BARCODE } });
    expect(talk.read(REDEEM_TICKET, accept).status).toBe('PENDING');
    expect(meter(talk, 'CURRENT_CREDITS')).toBe(500n);
    clock.advance(200);
    talk.sync();
    expect(drain(talk)).toEqual([REDEEMED]);
    expect(status(talk)).toEqual({
      status: 'CASHABLE_REDEEMED',
      ticket: { cents: 300n, parsing: 'BCD', data: BARCODE },
    });
    expect(meter(talk, 'CURRENT_CREDITS')).toBe(800n);
    expect(meter(talk, 'SAS_CASHABLE_TICKET_IN_CENTS')).toBe(300n);
  });

  test('never credits a ticket twice, however often and whenever the host says it', () => {
    const { talk, clock } = inserted();
    for (let time = 0; time < 12; time += 1) {
      talk.ask(REDEEM_TICKET, accept);
      if (time % 3 === 0) talk.sync();
      clock.advance(100);
    }
    expect(meter(talk, 'VALIDATED_CASHABLE_TICKET_IN_COUNT')).toBe(1n);
    expect(talk.read(REDEEM_TICKET, accept).status).toBe('CASHABLE_REDEEMED');
  });

  test.each<[string, RedeemTicket, string]>([
    ['refused by the host', { ...accept, code: 'NOT_IN_SYSTEM' }, 'REJECTED_BY_HOST'],
    ['of another number', { ...accept, data: '9'.repeat(18) }, 'NUMBER_DIFFERS'],
    ['worth nothing', { ...accept, cents: 0n }, 'BAD_AMOUNT'],
    ['worth more than the credit meter takes', { ...accept, cents: 99_999_900n }, 'OVER_CREDIT_LIMIT'],
    ['restricted, without expiration and pool', { ...accept, code: 'RESTRICTED' }, 'BAD_FUNCTION'],
  ])('a ticket %s comes out again', (_, request, expected) => {
    const { talk, clock } = inserted();
    expect(talk.read(REDEEM_TICKET, request).status).toBe(expected);
    clock.advance(1_000);
    expect(talk.egm.state().tickets.escrow).toBeNull();
    expect(meter(talk, 'CURRENT_CREDITS')).toBe(500n);
    expect(status(talk).status).toBe(expected);
  });

  test('restricted credits are played first, and come out on a restricted ticket', () => {
    const { talk, clock } = inserted();
    const terms = { expiration: { kind: 'NONE' }, pool: 5 } as const;
    talk.ask(REDEEM_TICKET, { ...accept, code: 'RESTRICTED', terms });
    clock.advance(200);
    talk.egm.play({ wager: 100n, win: 0n });
    expect(talk.egm.state()).toMatchObject({ restrictedCredits: 200n, restrictedPool: 5 });
    expect(meter(talk, 'RESTRICTED_PLAYED')).toBe(100n);
  });

  test('a ticket in escrow comes out when the host is gone, and none is taken then', () => {
    const { talk, clock } = inserted();
    clock.advance(5_002);
    expect(talk.egm.state().tickets.escrow).toBeNull();
    expect(talk.egm.insertTicket(BARCODE)).toBe('LINK_DOWN');
  });

  test('a ticket nobody decides on comes out after thirty seconds', () => {
    const { talk, clock } = inserted();
    for (let second = 0; second < 30; second += 1) {
      expect(talk.egm.state().tickets.escrow).not.toBeNull();
      talk.sync();
      clock.advance(1_000);
    }
    expect(talk.egm.state().tickets.escrow).toBeNull();
    expect(talk.read(REDEEM_TICKET, accept).status).toBe('NOT_NOW');
  });

  test('a power loss before the stacker brings the ticket out, and one behind it changes nothing', () => {
    for (const isStacked of [false, true]) {
      const memory = volatileMemory();
      const { talk, clock } = aPrinting('SYSTEM', { memory });
      talk.egm.insertTicket(BARCODE);
      talk.ask(REDEEM_TICKET, accept);
      if (isStacked) clock.advance(200);
      talk.egm[Symbol.dispose]();
      const again = aTalk({ memory, settings: settingsFor('SYSTEM') });
      expect(status(again).status).toBe(isStacked ? 'CASHABLE_REDEEMED' : 'NOT_NOW');
      expect(meter(again, 'CURRENT_CREDITS')).toBe(isStacked ? 800n : 500n);
    }
  });
});

describe('poll 7B', () => {
  test('switches functions off and on, and reads them', () => {
    const { talk } = aPrinting('SYSTEM');
    const days = { cashableDays: 30, restrictedDays: 7 };
    const off = { change: ['TICKET_REDEMPTION'] as const, enabled: [], ...days };
    expect(talk.read(validation.VALIDATION_STATUS, off)).toMatchObject({
      enabled: ['PRINTER_FOR_CASH_OUT', 'PRINT_RESTRICTED_TICKETS'],
      ...days,
    });
    expect(talk.egm.insertTicket(BARCODE)).toBe('REDEMPTION_OFF');
    talk.sync();
    const read = { change: [], enabled: [], cashableDays: 0, restrictedDays: 0 };
    expect(talk.read(validation.VALIDATION_STATUS, read)).toMatchObject(days);
  });
});
