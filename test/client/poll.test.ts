import { expect, test } from 'vitest';
import { createPoll } from '../../src/client/poll.ts';
import type { Door } from './floor.ts';

const DOORS = createPoll(
  {
    query: '{ machineEvents { cursor nodes { exceptionCode } } }',
    frames: (data) => data as readonly Door[],
    events: {
      keyOf: (frame) => String((frame as Door).machineEvents.exceptionCode),
      cursorOf: () => 'here',
    },
  },
  (frame) => (frame as Door).machineEvents.cursor,
);
const door = (exceptionCode: number): Door => ({ machineEvents: { exceptionCode, cursor: 'there' } });

const STATES = createPoll(
  { query: '{ deviceStatus { here: cursor status } }', frames: (data) => data as object[] },
  (data) => String((data as { deviceStatus: { here: string } }).deviceStatus.here),
);
const device = (here: string, status: string) => ({ deviceStatus: { here, status } });

test('a state is told when it differs by more than its cursor, and goes on behind the newest', () => {
  const heard = { recent: [], isBehindCursor: true };
  const [first, next, last] = [device('at-1', 'ONLINE'), device('at-2', 'ONLINE'), device('at-3', 'OFFLINE')];
  const read = (state: object) => STATES.read([state], heard);
  expect(read(first)).toEqual({ frames: [{ data: first }], cursor: 'at-1', hasGap: false });
  expect(read(next)).toEqual({ frames: [], cursor: 'at-2', hasGap: false });
  expect(read(last)).toEqual({ frames: [{ data: last }], cursor: 'at-3', hasGap: false });
});

test('a frame that was spoiled is none of the events that are known', () => {
  const spoiled = { data: null, errors: [{ message: 'Something went wrong.' }] };
  const recent = [{ data: door(1) }, spoiled];
  expect(DOORS.read([door(1), door(2)], { recent, isBehindCursor: true })).toEqual({
    frames: [{ data: door(2) }],
    cursor: 'here',
    hasGap: false,
  });
});
