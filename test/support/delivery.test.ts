import { expect, test } from 'vitest';
import { faultsOfDelivery, faultsOfLog } from './delivery.ts';

const LOG = ['a', 'b', 'c', 'd'];

test('the log as it is has no fault', () => {
  expect(faultsOfDelivery(LOG, LOG)).toEqual([]);
});

test.each([
  ['a loss in the middle', ['a', 'c', 'd'], ['b never arrived']],
  ['a loss at the end', ['a', 'b', 'c'], ['d never arrived']],
  ['nothing', [], LOG.map((id) => `${id} never arrived`)],
  ['a repeat at once', ['a', 'b', 'b', 'c', 'd'], ['b arrived again']],
  ['a repeat at a seam', ['a', 'b', 'c', 'b', 'c', 'd'], ['b arrived again', 'c arrived again']],
  ['a disorder', ['a', 'c', 'b', 'd'], ['b arrived after c, before which it happened']],
  ['a stranger', ['a', 'b', 'x', 'c', 'd'], ['x arrived and is not in the log']],
  [
    'a disorder of several',
    ['d', 'a', 'b', 'c'],
    ['a', 'b', 'c'].map((id) => `${id} arrived after d, before which it happened`),
  ],
])('%s is found', (_title, delivered, faults) => {
  expect(faultsOfDelivery(delivered, LOG)).toEqual(faults);
});

test('a log that holds more than was acknowledged has no fault: an answer can be lost on its way', () => {
  expect(faultsOfLog(LOG, [['a', 'd'], ['b'], []])).toEqual([]);
});

test.each([
  ['a loss', ['a', 'c'], [['a', 'b', 'c']], ['b was acknowledged and is lost']],
  ['what happened twice', ['a', 'b', 'a'], [['a'], ['b']], ['a was acknowledged once and happened twice']],
  [
    'what one caller did in another order',
    ['b', 'a'],
    [['a', 'b']],
    ['b happened before a, which was acknowledged first'],
  ],
])('%s is found in the log', (_title, logged, acknowledged, faults) => {
  expect(faultsOfLog(logged, acknowledged)).toEqual(faults);
});
