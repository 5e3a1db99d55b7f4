import { expect, test } from 'vitest';
import { builder } from '../../src/graphql/builder.ts';
import { buildSchema } from '../../src/graphql/schema.ts';

test('a field that can be refused and cannot be null is not built', () => {
  builder.queryField('strict', (t) => t.boolean({ authScopes: { signedIn: true }, resolve: () => true }));
  expect(() => buildSchema()).toThrow('Query.strict can be refused, so it must be nullable.');
});
