import { buildSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import { openSource, type StreamArguments } from '../../src/graphql/stream.ts';
import type { FanOut } from '../../src/http/fan-out.ts';
import { createOperationMeter } from '../../src/http/operation-meter.ts';
import { createOperations } from '../../src/http/operations.ts';

const schema = buildSchema(`
  input Wanted { name: String }
  type Query { find(wanted: Wanted): Int }
  type Subscription { found(wanted: Wanted): Int }
`);
const operations = createOperations({
  maxComplexity: 1_000,
  fanOut: { join: (args: StreamArguments) => openSource(args) } as unknown as FanOut,
  meter: createOperationMeter(),
  shortcut: async () => null,
});
const argumentsOf = (text: string, wanted: object): StreamArguments => ({
  schema,
  document: parse(text),
  variableValues: { wanted },
  contextValue: {} as StreamArguments['contextValue'],
});

/** An object of so many members that nobody declared, and how often somebody went through all of them. */
function strange(members: number) {
  const counted = { times: 0 };
  const names = Array.from({ length: members }, (_, at) => [`strange${at}`, at]);
  const value = new Proxy(Object.fromEntries(names), {
    ownKeys(target) {
      counted.times += 1;
      return Reflect.ownKeys(target);
    },
  });
  return { value, counted };
}

test.each([
  ['a query', 'query ($wanted: Wanted) { find(wanted: $wanted) }'],
  ['a subscription', 'subscription ($wanted: Wanted) { found(wanted: $wanted) }'],
])('%s with much that is wrong in a variable is not gone through for each of it', async (_what, text) => {
  const args = argumentsOf(text, {});
  const ask = (given: StreamArguments) =>
    text.startsWith('query') ? operations.execute(given) : operations.subscribe(given, {} as never);
  // What it costs is found out by the first, and known by the second.
  for (const known of [false, true]) {
    if (known) await ask(args);
    const { value, counted } = strange(300);
    const result = await ask({ ...args, variableValues: { wanted: value } });
    expect('errors' in result && result.errors).toHaveLength(51);
    expect(counted.times).toBeLessThan(10);
  }
});
