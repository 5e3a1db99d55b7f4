import { describe, expect, test } from 'vitest';
import { withCrc } from '../../../src/sas/codec/crc.ts';
import { generalPoll } from '../../../src/sas/codec/frame.ts';
import {
  BILL_ACCEPTOR_OFF,
  DATE_TIME,
  REAL_TIME_EVENTS,
  SHUTDOWN,
  STARTUP,
} from '../../../src/sas/codec/long-polls/control.ts';
import { FEATURES, NUMBER_OF_GAMES } from '../../../src/sas/codec/long-polls/identity.ts';
import {
  EXTENDED_METERS,
  EXTENDED_METERS_TWIN,
  SELECTED_METERS,
} from '../../../src/sas/codec/long-polls/selected-meters.ts';
import { COIN_IN, COIN_OUT } from '../../../src/sas/codec/long-polls/single-meters.ts';
import { encodeRequest } from '../../../src/sas/codec/poll-table.ts';
import { mark, messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { createEgm } from '../../../src/sas/simulator/egm.ts';
import { bytes } from '../codec/hex.ts';
import { manualClock } from './manual-clock.ts';
import { aTalk, drain, type Talk, talkTo } from './talk.ts';

const DOOR_OPEN = '11';
const DOOR_CLOSED = '12';
const TIME = { year: 2031, month: 2, day: 3, hour: 4, minute: 5, second: 6 };

/** Two exceptions wait; the first has been reported once and not been acknowledged. */
function reportedOnce(): Talk {
  const talk = aTalk();
  talk.egm.openDoor();
  talk.egm.closeDoor();
  expect(talk.general()).toBe(DOOR_OPEN);
  return talk;
}

/** A meter was read and not acknowledged; then it changed. */
function answeredOnce(): { talk: Talk; before: string } {
  const talk = aTalk();
  talk.egm.insertBill(20n);
  drain(talk);
  const before = talk.ask(COIN_IN, {});
  talk.egm.play({ wager: 5n, win: 0n });
  return { talk, before };
}

describe('what acknowledges an exception', () => {
  test('the same general poll asks for the same exception again, any number of times', () => {
    const talk = reportedOnce();
    expect([talk.general(), talk.general(), talk.general()]).toEqual([DOOR_OPEN, DOOR_OPEN, DOOR_OPEN]);
  });

  test.each<[string, (talk: Talk) => unknown]>([
    ['a read poll to the machine', (talk) => talk.ask(COIN_IN, {})],
    ['a set poll to the machine', (talk) => talk.ask(SHUTDOWN, {})],
    [
      'a long poll the machine does not support',
      (talk) => talk.say(withCrc(bytes('01 8C 00 01 00 00 00 00 00 00 00'))),
    ],
    ['a long poll of unknown length', (talk) => talk.say(bytes('01 8B'))],
    ['a general poll to address 0', (talk) => talk.sync()],
    ['a general poll to another address', (talk) => talk.say(generalPoll(2))],
    ['a long poll to another address', (talk) => talk.say(encodeRequest(COIN_IN, 2, {}))],
    ['a broadcast', (talk) => talk.say(encodeRequest(DATE_TIME, 0, TIME))],
    ['the beginning of a message to another address', (talk) => talk.egm.hear(mark(0x02))],
  ])('%s does', (_, say) => {
    const talk = reportedOnce();
    say(talk);
    expect(talk.general()).toBe(DOOR_CLOSED);
  });

  test('a damaged poll to the machine does not', () => {
    const talk = reportedOnce();
    expect(talk.say(bytes('01 01 51 09'))).toBe('81');
    expect(talk.general()).toBe(DOOR_OPEN);
  });

  test('a message cut off after its address does not', () => {
    const talk = reportedOnce();
    talk.egm.hear(mark(0x01));
    expect(talk.general()).toBe(DOOR_OPEN);
  });
});

describe('what acknowledges the answer to a long poll', () => {
  test('the same long poll asks for the stored bytes again, whatever has changed since', () => {
    const { talk, before } = answeredOnce();
    expect([talk.ask(COIN_IN, {}), talk.ask(COIN_IN, {})]).toEqual([before, before]);
  });

  test('the same command with other data is a repeat request too', () => {
    const talk = aTalk();
    const first = talk.ask(SELECTED_METERS, { game: 0, codes: [0x00] });
    expect(talk.ask(SELECTED_METERS, { game: 0, codes: [0x0c] })).toBe(first);
  });

  test('AF between two 6F makes the second a poll of its own', () => {
    const { talk } = answeredOnce();
    talk.ask(EXTENDED_METERS, { game: 0, codes: [0x00] });
    talk.ask(EXTENDED_METERS_TWIN, { game: 0, codes: [0x0c] });
    talk.egm.play({ wager: 1n, win: 0n });
    expect(talk.read(EXTENDED_METERS, { game: 0, codes: [0x00] }).meters).toEqual([
      { code: 0, size: 4, value: 6n },
    ]);
  });

  test.each<[string, (talk: Talk) => unknown]>([
    ['a general poll to the machine', (talk) => talk.general()],
    ['a long poll with another command', (talk) => talk.ask(COIN_OUT, {})],
    ['a general poll to address 0', (talk) => talk.sync()],
    ['a poll to another address', (talk) => talk.say(generalPoll(9))],
    ['a broadcast', (talk) => talk.say(encodeRequest(DATE_TIME, 0, TIME))],
  ])('%s does', (_, say) => {
    const { talk } = answeredOnce();
    say(talk);
    expect(talk.read(COIN_IN, {})).toEqual({ value: 5n });
  });

  test('a repeated set poll is acknowledged again and not executed twice', () => {
    const talk = aTalk();
    expect(talk.ask(DATE_TIME, TIME)).toBe('01');
    expect(talk.ask(DATE_TIME, { ...TIME, year: 2099 })).toBe('01');
    expect(talk.egm.state().clock.year).toBe(2031);
  });

  test('a resent answer is not settled by a damaged repeat', () => {
    const { talk, before } = answeredOnce();
    talk.say(bytes('01 01 00 00'));
    expect(talk.ask(COIN_IN, {})).toBe(before);
  });
});

describe('general polls with nothing to tell', () => {
  test('"no activity" is never stored: a new exception comes with the next poll', () => {
    const talk = aTalk();
    expect([talk.general(), talk.general()]).toEqual(['00', '00']);
    talk.egm.openDoor();
    expect(talk.general()).toBe(DOOR_OPEN);
  });
});

describe('synchronisation', () => {
  test('after power-up a machine ignores polls to itself until it heard another address', () => {
    const talk = talkTo(createEgm({ address: 1 }));
    expect([talk.general(), talk.ask(COIN_IN, {}), talk.ask(SHUTDOWN, {})]).toEqual(['', '', '']);
    expect(talk.egm.locked).toBe(false);
    talk.say(generalPoll(2));
    expect(talk.general()).toBe('17');
  });

  test.each([
    ['a general poll to address 0', bytes('80')],
    ['a long poll to another address', bytes('02 11')],
    ['a broadcast', encodeRequest(DATE_TIME, 0, TIME)],
  ])('%s synchronises', (_, message) => {
    const talk = talkTo(createEgm({ address: 1 }));
    talk.say(message);
    expect(talk.egm.state().synchronised).toBe(true);
    expect(talk.ask(NUMBER_OF_GAMES, {})).not.toBe('');
  });

  test('more than five seconds without any address byte undo it, leave real-time mode and forget the answer', () => {
    const clock = manualClock();
    const talk = aTalk({ clock });
    talk.ask(REAL_TIME_EVENTS, { enabled: true });
    talk.egm.openDoor();
    clock.advance(5_000);
    expect(talk.general()).not.toBe('');
    clock.advance(5_001);
    expect(talk.general()).toBe('');
    expect(talk.egm.state()).toMatchObject({ synchronised: false, realTime: false });
    talk.sync();
    expect(talk.general()).toBe(DOOR_OPEN);
  });

  test('five seconds are over when they are, however late the computer says so', () => {
    const clock = manualClock();
    let lateMs = 0;
    const talk = aTalk({ clock: { ...clock, nowMs: () => clock.nowMs() + lateMs } });
    talk.egm.openDoor();
    expect(talk.general()).toBe(DOOR_OPEN);
    lateMs = 5_001;
    talk.sync();
    expect(talk.general()).toBe(DOOR_OPEN);
    talk.sync();
    expect(talk.general()).toBe('00');
  });

  test('polls to others keep a machine synchronised', () => {
    const clock = manualClock();
    const talk = aTalk({ clock });
    for (let second = 0; second < 60; second += 4) {
      clock.advance(4_000);
      talk.say(generalPoll(7));
    }
    expect(talk.general()).toBe('00');
  });

  test('half a minute of repeat requests without an acknowledgement drops the link, not the exception', () => {
    const clock = manualClock();
    const talk = aTalk({ clock });
    talk.egm.openDoor();
    const heard = Array.from({ length: 32 }, () => {
      clock.advance(1_000);
      return talk.general();
    });
    expect(heard.slice(0, 31)).toEqual(new Array(31).fill(DOOR_OPEN));
    expect(heard[31]).toBe('');
    talk.sync();
    expect(talk.general()).toBe(DOOR_OPEN);
  });
});

describe('answers that are none', () => {
  test('polls to another address are not answered', () => {
    const talk = aTalk();
    expect(talk.say(generalPoll(2))).toBe('');
    expect(talk.say(encodeRequest(SHUTDOWN, 2, {}))).toBe('');
    expect(talk.egm.locked).toBe(false);
  });

  test('an unsupported poll is met with silence, not with a NACK', () => {
    const talk = aTalk({ unsupportedPolls: new Set([COIN_IN.code, SHUTDOWN.code]) });
    expect(talk.ask(COIN_IN, {})).toBe('');
    expect(talk.ask(SHUTDOWN, {})).toBe('');
    expect(talk.say(bytes('01 72 02 FF 00 0F 22'))).toBe('');
    expect(talk.say(bytes('01 72 02 FF 00 0F 23'))).toBe('');
    expect(talk.say(bytes('01 59'))).toBe('');
    expect(talk.egm.locked).toBe(false);
  });

  test.each([
    ['a set poll with a wrong CRC', '01 01 51 09'],
    ['a game poll with a wrong CRC', '01 A0 00 00 6C 14'],
  ])('%s is refused and not executed', (_, hex) => {
    const talk = aTalk();
    expect(talk.say(bytes(hex))).toBe('81');
    expect(talk.egm.locked).toBe(false);
  });

  test.each([
    ['a flag that is neither', '01 0E 02'],
    ['an impossible date', '01 7F 02 30 20 24 00 00 00'],
    ['a game the machine does not have', '01 A0 00 01'],
    ['no meter at all', '01 2F 02 00 00'],
    ['too many meters', `01 2F 0D 00 00 ${'00 '.repeat(11)}`],
    ['half a meter code', '01 6F 03 00 00 00'],
  ])('%s is refused', (_, hex) => {
    expect(aTalk().say(withCrc(bytes(hex)))).toBe('81');
  });

  test('a broadcast is executed and not answered; one with a wrong CRC is neither', () => {
    const talk = aTalk();
    expect(talk.say(encodeRequest(DATE_TIME, 0, TIME))).toBe('');
    expect(talk.egm.state().clock).toEqual(TIME);
    const damaged = encodeRequest(DATE_TIME, 0, { ...TIME, year: 2032 });
    damaged[10] = (damaged[10] ?? 0) ^ 1;
    expect(talk.say(damaged)).toBe('');
    expect(talk.egm.state().clock).toEqual(TIME);
  });

  test('a broadcast of a poll without a broadcast form is ignored', () => {
    const talk = aTalk();
    expect(talk.say(withCrc(bytes('00 01')))).toBe('');
    expect(talk.egm.locked).toBe(false);
  });

  test('a busy machine says so with two bytes, executes nothing, and takes the repeat as a new poll', () => {
    let busy = true;
    const talk = aTalk({ isBusy: (code) => busy && code === SHUTDOWN.code });
    expect(talk.ask(SHUTDOWN, {})).toBe('01 00');
    expect(talk.egm.locked).toBe(false);
    expect(talk.ask(BILL_ACCEPTOR_OFF, {})).toBe('01');
    busy = false;
    expect(talk.ask(SHUTDOWN, {})).toBe('01');
    expect(talk.egm.locked).toBe(true);
  });

  test('a stream error drops the message under way until the next mark', () => {
    const talk = aTalk();
    for (const symbol of [mark(0x01), 'error', 0x51] as const) talk.egm.hear(symbol);
    expect(talk.heard()).toBe('');
    expect(talk.ask(NUMBER_OF_GAMES, {})).not.toBe('');
  });

  test.each([0, 128, 1.5, -1])('%d is not the address of a machine', (address) => {
    expect(() => createEgm({ address })).toThrow(RangeError);
  });
});

describe('a machine that takes its time', () => {
  test('answers after its delay', () => {
    const clock = manualClock();
    const talk = aTalk({ clock, responseDelayMs: 15 });
    clock.advance(15);
    talk.heard();
    expect(talk.ask(NUMBER_OF_GAMES, {})).toBe('');
    clock.advance(14);
    expect(talk.heard()).toBe('');
    clock.advance(1);
    expect(talk.heard()).toBe('01 51 00 00 84 C5');
  });

  test('a mark before the answer cancels it, and what was not sent is not acknowledged', () => {
    const clock = manualClock();
    const talk = aTalk({ clock, responseDelayMs: 15 });
    clock.advance(15);
    talk.heard();
    talk.say(generalPoll(2));
    talk.general();
    talk.say(generalPoll(2));
    clock.advance(100);
    expect(talk.heard()).toBe('');
    talk.general();
    clock.advance(15);
    expect(talk.heard()).toBe('17');
  });

  test('a disposed machine sends nothing more', () => {
    const clock = manualClock();
    const talk = aTalk({ clock, responseDelayMs: 15 });
    talk.general();
    talk.egm[Symbol.dispose]();
    clock.advance(100);
    expect(talk.heard()).toBe('');
    expect(clock.nextTimerMs).toBeNull();
  });
});

describe('several messages', () => {
  test('arrive in one piece and are answered in order', () => {
    const talk = aTalk();
    const symbols = [
      bytes('80'),
      encodeRequest(STARTUP, 1, {}),
      bytes('81'),
      encodeRequest(FEATURES, 1, { game: 0 }),
    ];
    for (const symbol of symbols.flatMap(messageSymbols)) talk.egm.hear(symbol);
    expect(talk.heard()).toMatch(/^01 00 01 A0 00 00 00 09 01 00 00 00 .. ..$/);
  });
});
