import { buildSchema, type ExecutionArgs, execute, getIntrospectionQuery, parse } from 'graphql';
import { expect, test } from 'vitest';
import { keepIntrospection } from '../../src/http/introspection.ts';
import type { OperationArguments } from '../../src/http/operations.ts';

/** Answers by others say so. */
function anIntrospection() {
  const schema = buildSchema('type Query { one: Int, two: String }');
  const asked: string[] = [];
  const shortcut = keepIntrospection(
    async () => 'by another',
    (args: ExecutionArgs) => {
      asked.push(args.operationName ?? '');
      return execute(args);
    },
  );
  const ask = (text: string, operationName?: string) =>
    shortcut({ schema, document: parse(text), operationName } as unknown as OperationArguments);
  return { schema, asked, ask };
}

test('what asks of the schema alone is executed once, however it is spelled, and answered as by execution', async () => {
  const { schema, asked, ask } = anIntrospection();
  const texts = [getIntrospectionQuery(), `# anew\n${getIntrospectionQuery().replaceAll('\n', '\n  ')}`];
  const answers = [await ask(texts[0] as string), await ask(texts[1] as string)];
  const expected = JSON.stringify(execute({ schema, document: parse(getIntrospectionQuery()) }));
  expect(answers.map((data) => `{"data":${data}}`)).toEqual([expected, expected]);
  expect(asked).toHaveLength(1);
});

test('each operation of a document has an answer of its own', async () => {
  const { asked, ask } = anIntrospection();
  const text =
    'query A { a: __typename } query B { ...Root } fragment Root on Query { __type(name: "Query") { name } }';
  expect([await ask(text, 'A'), await ask(text, 'B'), await ask(text, 'A')]).toEqual([
    '{"a":"Query"}',
    '{"__type":{"name":"Query"}}',
    '{"a":"Query"}',
  ]);
  expect(asked).toEqual(['A', 'B']);
});

test.each([
  ['asks of something else too', '{ __typename one }'],
  ['does so in a fragment', '{ __typename ...More } fragment More on Query { one }'],
  ['depends on a variable', 'query ($name: String = "Query") { __type(name: $name) { name } }'],
  ['is no query', 'mutation { __typename }'],
])('what %s is for others', async (_what, text) => {
  const { asked, ask } = anIntrospection();
  expect(await ask(text)).toBe('by another');
  expect(asked).toEqual([]);
});

test('no more than a few megabytes are kept', async () => {
  const { asked, ask } = anIntrospection();
  const large = (name: string) => `{ ${name}${'_'.repeat(3 * 1024 * 1024)}: __typename }`;
  for (const name of ['a', 'b', 'a', 'c', 'b']) await ask(large(name));
  expect(asked).toHaveLength(5);
  await ask(large('b'));
  expect(asked).toHaveLength(5);
});
