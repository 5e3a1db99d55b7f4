import { type ExecutionResult, execute, type GraphQLSchema, parse, validate } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { builder } from '../../src/graphql/builder.ts';
import { prepareFrames } from '../../src/graphql/frame-execution.ts';
import '../../src/graphql/schema.ts';
import { createRandom } from '../sas/codec/generated/random.ts';
import { type Answers, answerAtRandom } from '../support/random-answers.ts';
import { aRandomSubscription } from '../support/random-document.ts';

const DOCUMENTS = 400;
const EVENTS = 3;

let schema: GraphQLSchema;

beforeAll(() => {
  // One of its own: everybody else in this process shares the other.
  schema = builder.toSchema();
  answerAtRandom(schema);
});

type Execution = (context: Answers) => ExecutionResult | Promise<ExecutionResult>;

/** What came of it, and what every resolver was called with. */
async function outcomeOf(run: Execution, seed: number) {
  const context: Answers = { seed, calls: [] };
  const result = run(context);
  return {
    isAtOnce: !(result instanceof Promise),
    text: JSON.stringify(toldOf(await result)),
    calls: context.calls,
  };
}

/**
 * Where nothing is left to be shown, the answer is there at the first error that leaves nothing: which of those that
 * were still on their way stand beside it, is a matter of moments, with graphql-js too.
 */
const toldOf = (result: ExecutionResult) =>
  result.data === null ? { ...result, errors: result.errors?.slice(0, 1) } : result;

test('an event is executed as graphql-js executes it, whatever is asked of it and whatever its resolvers answer', async () => {
  const seen = { spoiled: 0, nothing: 0, later: 0 };
  for (let seed = 1; seed <= DOCUMENTS; seed += 1) {
    const random = createRandom(seed);
    const { text, variableValues } = aRandomSubscription(schema, random);
    const document = parse(text);
    expect(validate(schema, document), text).toEqual([]);
    const args = { schema, document, variableValues };
    const executeFrame = prepareFrames(args);
    for (let event = 0; event < EVENTS; event += 1) {
      const answers = random.below(2 ** 30);
      const rootValue = { event };
      const ours = await outcomeOf((contextValue) => executeFrame(contextValue, rootValue), answers);
      const theirs = await outcomeOf(
        (contextValue) => execute({ ...args, contextValue, rootValue }) as ReturnType<Execution>,
        answers,
      );
      expect(ours, `${seed}: ${text}`).toEqual(theirs);
      if (theirs.text.includes('"errors"')) seen.spoiled += 1;
      if (theirs.text.includes('"data":null')) seen.nothing += 1;
      if (!theirs.isAtOnce) seen.later += 1;
    }
  }
  // All of it came to pass, and often.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(DOCUMENTS / 10);
});

test('a field may be called what every object has', async () => {
  const text = 'subscription { systemStatus { __proto__: version constructor: skipped } }';
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const executeFrame = prepareFrames({ schema, document });
  let shown = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const ours = await outcomeOf((contextValue) => executeFrame(contextValue, {}), seed);
    const theirs = await outcomeOf(
      (contextValue) => execute({ schema, document, contextValue }) as ReturnType<Execution>,
      seed,
    );
    expect(ours.text).toEqual(theirs.text);
    if (theirs.text.includes('"__proto__"')) shown += 1;
  }
  expect(shown).toBeGreaterThan(0);
});
