import { type ExecutionResult, parse } from 'graphql';
import { expect, test } from 'vitest';
import { createViewContext, type Services } from '../../src/graphql/context.ts';
import { prepareFrames } from '../../src/graphql/frame-execution.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { sharedView } from '../../src/graphql/view.ts';
import { newId } from '../../src/lib/ids.ts';

const ids = { id: newId(), machineId: newId() };
const frame = {
  cursor: 'somewhere',
  skipped: 0,
  payload: { event: { ...ids, type: 'GAME_ENDED', exceptionCode: 0x7f, data: {}, occurredAt: new Date() } },
};
const actor = {
  kind: 'user',
  userId: newId(),
  venueId: newId(),
  sessionId: newId(),
  roles: ['OPERATOR'],
  grants: [],
  mustChangePassword: false,
} as const;

/** Of what asks nothing of anybody there is nothing to wait for. */
function shown(selection: string, context = createViewContext({} as Services, sharedView(actor))) {
  const document = parse(`subscription { machineEvents { ${selection} } }`);
  return prepareFrames({ schema: buildSchema(), document })(context, frame);
}

test('an event with its global id is executed at once', () => {
  const result = shown('id type exceptionCode data cursor');
  expect(result).not.toBeInstanceOf(Promise);
  const { data, errors } = result as ExecutionResult;
  expect(errors).toBeUndefined();
  expect(data?.machineEvents).toMatchObject({
    id: Buffer.from(`MachineEvent:${ids.id}`).toString('base64url'),
    type: 'GAME_ENDED',
  });
});

test('no loader is made for an event that needs none', () => {
  const asked: string[] = [];
  const context = new Proxy(createViewContext({} as Services, sharedView(actor)), {
    get(target, key, receiver) {
      // By it Pothos finds what it keeps of a context.
      if (key === Symbol.for('Pothos.contextCache')) asked.push('kept');
      return Reflect.get(target, key, receiver);
    },
  });
  expect(shown('id type cursor', context)).not.toBeInstanceOf(Promise);
  expect(asked).toEqual([]);
});
