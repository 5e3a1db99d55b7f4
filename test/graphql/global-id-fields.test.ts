import { type ExecutionResult, execute, parse } from 'graphql';
import { expect, test } from 'vitest';
import { createViewContext, type Services } from '../../src/graphql/context.ts';
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
const shown = (selection: string) =>
  execute({
    schema: buildSchema(),
    document: parse(`subscription { machineEvents { ${selection} } }`),
    rootValue: frame,
    contextValue: createViewContext({} as Services, sharedView(actor)),
  });

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
