import { expect, test } from 'vitest';
import { createPoll } from '../../src/client/poll.ts';
import type { Door } from './floor.ts';

const DOORS = createPoll({
  query: '{ machineEvents { cursor nodes { exceptionCode } } }',
  frames: (data) => data as readonly Door[],
  events: {
    keyOf: (frame) => String((frame as Door).machineEvents.exceptionCode),
    cursorOf: () => 'here',
  },
});
const door = (exceptionCode: number): Door => ({ machineEvents: { exceptionCode, cursor: 'there' } });

test('a frame that was spoiled is none of the events that are known', () => {
  const spoiled = { data: null, errors: [{ message: 'Something went wrong.' }] };
  const recent = [{ data: door(1) }, spoiled];
  expect(DOORS.read([door(1), door(2)], { recent, isBehindCursor: true })).toEqual({
    frames: [{ data: door(2) }],
    cursor: 'here',
    hasGap: false,
  });
});
