import { expect, test } from 'vitest';
import { ValidationError } from '../../src/lib/errors.ts';
import { inField } from '../../src/lib/in-field.ts';

const refuse = (error: Error) => () => {
  throw error;
};

function refusalOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

test('what is refused within a member is refused of it', () => {
  const inner = new ValidationError('z takes 0 to 9.', { field: 'z' });
  const refusal = refusalOf(() => inField('regions', () => inField([2, 'place'], refuse(inner))));
  expect(refusal).toMatchObject({ message: 'z takes 0 to 9.', field: ['regions', '2', 'place', 'z'] });
});

test('what names no member is refused of the one it was given as', () => {
  const refusal = refusalOf(() => inField('plate', refuse(new ValidationError('A plate takes letters.'))));
  expect(refusal).toMatchObject({ field: ['plate'] });
});

test('nothing else is touched', () => {
  const fault = new RangeError('a fault');
  expect(refusalOf(() => inField('plate', refuse(fault)))).toBe(fault);
  expect(inField('plate', () => 'W-1')).toBe('W-1');
});
