import { describe, expect, test } from 'vitest';
import { EXCEPTIONS } from '../../../src/sas/codec/exceptions.ts';
import { generalPoll } from '../../../src/sas/codec/frame.ts';
import { REAL_TIME_EVENTS, SHUTDOWN } from '../../../src/sas/codec/long-polls/control.ts';
import { HANDPAY_INFORMATION } from '../../../src/sas/codec/long-polls/handpay.ts';
import { COIN_IN } from '../../../src/sas/codec/long-polls/single-meters.ts';
import { encodeRequest } from '../../../src/sas/codec/poll-table.ts';
import { manualClock } from './manual-clock.ts';
import { aTalk, drain, type Talk } from './talk.ts';

/** A machine that sends its exceptions as real-time events, with 20 credits' worth of a bill in it. */
function realTimeTalk(): Talk {
  const talk = aTalk();
  expect(talk.ask(REAL_TIME_EVENTS, { enabled: true })).toBe('01');
  talk.sync();
  return talk;
}

const general = generalPoll(1);

describe('the exception queue', () => {
  test('hands exceptions over first in, first out', () => {
    const talk = aTalk();
    for (const code of [0x13, 0x14, 0x13, 0x20]) talk.egm.raise(code);
    expect(drain(talk)).toEqual(['13', '14', '13', '20']);
  });

  test('holds twenty', () => {
    const talk = aTalk();
    for (let at = 0; at < 20; at += 1) talk.egm.raise(at % 2 === 0 ? 0x13 : 0x14);
    const taken = drain(talk);
    expect(taken).toHaveLength(20);
    expect(taken).not.toContain('70');
  });

  test('drops the oldest when one more comes, and says so first of all, once', () => {
    const talk = aTalk();
    talk.egm.raise(0x15);
    for (let at = 0; at < 20; at += 1) talk.egm.raise(0x13);
    talk.egm.raise(0x16);
    const taken = drain(talk);
    expect(taken).toEqual(['70', ...new Array(19).fill('13'), '16']);
  });

  test('keeps repeating an exception that an overflow dropped while it was unacknowledged', () => {
    const talk = aTalk();
    talk.egm.raise(0x15);
    expect(talk.general()).toBe('15');
    for (let at = 0; at < 20; at += 1) talk.egm.raise(0x13);
    expect(talk.general()).toBe('15');
    talk.sync();
    expect(drain(talk)).toEqual(['70', ...new Array(20).fill('13')]);
  });

  test('a priority exception overtakes the queue and is there once', () => {
    const talk = aTalk();
    talk.egm.raise(0x13);
    talk.egm.raise(0x6f);
    talk.egm.raise(0x6f);
    expect(drain(talk)).toEqual(['6F', '13']);
  });

  test('takes every exception there is', () => {
    for (const [code, { class: class_ }] of EXCEPTIONS) {
      if (class_ === 'IDLE') continue;
      const talk = aTalk();
      talk.egm.raise(code);
      const realTimeOnly = [0x87, 0x88, 0x89, 0x8b].includes(code);
      expect(drain(talk)).toEqual(realTimeOnly ? [] : [code.toString(16).toUpperCase()]);
    }
  });
});

describe('bills outside real-time mode', () => {
  test.each([
    [1n, '47'],
    [2n, '4D'],
    [5n, '48'],
    [10n, '49'],
    [20n, '4A'],
    [50n, '4B'],
    [100n, '4C'],
  ])('a bill of %d is told by its own code %s', (dollars, code) => {
    const talk = aTalk();
    expect(talk.egm.insertBill(dollars)).toBeNull();
    expect(drain(talk)).toEqual([code]);
  });
});

describe('real-time events', () => {
  test('a bill, a game and a reel carry their data', () => {
    const talk = realTimeTalk();
    talk.egm.insertBill(20n);
    talk.egm.insertBill(20n);
    talk.egm.play({ wager: 5n, win: 120n });
    talk.egm.raise(0x88, { kind: 'REEL_STOPPED', reel: 2, stop: 9 });
    const replies = Array.from({ length: 5 }, () => {
      const reply = talk.reply(general);
      talk.sync();
      return reply;
    });
    const event = (code: number, data: object) => ({ kind: 'exception', realTime: true, code, data });
    expect(replies).toEqual([
      event(0x4f, { kind: 'BILL_ACCEPTED', country: 37, denomination: 0x04, count: 1n }),
      event(0x4f, { kind: 'BILL_ACCEPTED', country: 37, denomination: 0x04, count: 2n }),
      event(0x7e, { kind: 'GAME_STARTED', wagered: 5n, coinIn: 5n, wagerType: 0x41, progressiveGroup: 0 }),
      event(0x7f, { kind: 'GAME_ENDED', win: 120n }),
      event(0x88, { kind: 'REEL_STOPPED', reel: 2, stop: 9 }),
    ]);
  });

  test('an event takes the place of the answer to a long poll, which is not executed', () => {
    const talk = realTimeTalk();
    talk.egm.openDoor();
    expect(talk.ask(SHUTDOWN, {})).toBe('01 FF 11 14 A4');
    expect(talk.egm.locked).toBe(false);
    expect(talk.ask(SHUTDOWN, {})).toBe('01 FF 11 14 A4');
    talk.general();
    expect(talk.ask(SHUTDOWN, {})).toBe('01');
    expect(talk.egm.locked).toBe(true);
  });

  test('a general poll after an event that answered a long poll acknowledges it', () => {
    const talk = realTimeTalk();
    talk.egm.openDoor();
    talk.egm.closeDoor();
    expect(talk.ask(COIN_IN, {})).toBe('01 FF 11 14 A4');
    expect(talk.general()).toBe('01 FF 12 8F 96');
  });

  test('nothing to tell is said as event 00, or not at all', () => {
    expect(realTimeTalk().general()).toBe('01 FF 00 1C A5');
    const silent = aTalk({ reportsIdleInRealTime: false });
    silent.ask(REAL_TIME_EVENTS, { enabled: true });
    silent.sync();
    expect(silent.general()).toBe('');
    silent.egm.openDoor();
    expect(silent.general()).toBe('01 FF 11 14 A4');
  });

  test('0E 00 goes back to single bytes', () => {
    const talk = realTimeTalk();
    talk.ask(REAL_TIME_EVENTS, { enabled: false });
    talk.egm.openDoor();
    expect(talk.general()).toBe('11');
  });

  test('what exists in real-time mode only is not raised outside it', () => {
    const talk = aTalk();
    for (const code of [0x87, 0x88, 0x89, 0x8b]) talk.egm.raise(code);
    expect(talk.general()).toBe('00');
  });

  test('a win that event 7F cannot carry is no game', () => {
    const talk = realTimeTalk();
    talk.egm.insertBill(1n);
    expect(() => talk.egm.play({ wager: 1n, win: 100_000_000n })).toThrow(RangeError);
    expect(() => talk.egm.play({ wager: 1n, win: -1n })).toThrow(RangeError);
    expect(talk.egm.state().game).toBeNull();
  });
});

describe('handpays', () => {
  test('a cash-out is announced, read by 1B, and forgotten once read and paid', () => {
    const talk = aTalk();
    talk.egm.insertBill(20n);
    drain(talk);
    expect(talk.egm.cashOut()).toBeNull();
    expect(drain(talk)).toEqual(['66', '51']);
    const handpay = { group: 0, level: 0x80, cents: 2000n, partialPay: 0n, resetId: 0 };
    expect(talk.read(HANDPAY_INFORMATION, {})).toEqual(handpay);
    expect(talk.read(HANDPAY_INFORMATION, {})).toEqual(handpay);
    talk.sync();
    expect(talk.read(HANDPAY_INFORMATION, {})).toEqual({ ...handpay, level: 0, cents: 0n });
    talk.egm.resetHandpay();
    expect(drain(talk)).toEqual(['52']);
    expect(talk.egm.state().handpays).toEqual([]);
  });

  test('is announced again every 15 s until it was read, even when paid', () => {
    const clock = manualClock();
    const talk = aTalk({ clock });
    talk.egm.insertBill(5n);
    talk.egm.cashOut();
    expect(drain(talk)).toEqual(['48', '66', '51']);
    talk.egm.resetHandpay();
    expect(drain(talk)).toEqual(['52']);
    const wait = (ms: number): string[] => {
      for (let waited = 0; waited < ms; waited += 1_000) {
        clock.advance(1_000);
        talk.sync();
      }
      return drain(talk);
    };
    expect(wait(14_000)).toEqual([]);
    expect(wait(1_000)).toEqual(['51']);
    expect(wait(15_000)).toEqual(['51']);
    talk.ask(HANDPAY_INFORMATION, {});
    talk.sync();
    expect(wait(30_000)).toEqual([]);
  });

  test('is not read by a poll that an event answered', () => {
    const talk = aTalk();
    talk.egm.insertBill(5n);
    talk.egm.cashOut();
    drain(talk);
    talk.ask(REAL_TIME_EVENTS, { enabled: true });
    talk.egm.openDoor();
    talk.reply(encodeRequest(HANDPAY_INFORMATION, 1, {}));
    talk.sync();
    expect(talk.egm.state().handpays).toMatchObject([{ cents: 500n, read: false }]);
  });
});
