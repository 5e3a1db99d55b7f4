import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';

const floor = await aFloorApp({ machines: 1 });
const [egm] = floor.egms;
await floor.online();

const EVENTS = 'subscription { machineEvents { type } }';
const CHANGES = {
  DEMOTE: ['SetUserRolesInput', 'setUserRoles', { roles: ['PLAYER'] }],
  LOCK: ['LockUserInput', 'lockUser', { reason: 'a test' }],
} as const;

async function change(username: string, how: keyof typeof CHANGES): Promise<void> {
  const { id } = await floor
    .app()
    .services.db.selectFrom('app_user')
    .select('id')
    .where('username', '=', username)
    .executeTakeFirstOrThrow();
  const [type, field, what] = CHANGES[how];
  const variables = { input: { userId: encodeGlobalId('User', id), ...what } };
  const mutation = `mutation ($input: ${type}!) { ${field}(input: $input) { __typename } }`;
  const { data } = await floor.ask(mutation, { as: 'ADMIN', variables });
  expect(data[field].__typename).toMatch(/Success$/);
}

test.each([
  ['loses his role', 'AUDITOR', 'DEMOTE', [{ extensions: { code: 'AUTH_004' } }]],
  ['is locked', 'OPERATOR', 'LOCK', { code: 4493 }],
] as const)('a subscriber who %s gets nothing that happens later', async (_, as, how, ending) => {
  const [events, others] = [floor.follow(EVENTS, { as }), floor.follow(EVENTS, { as: 'ADMIN' })];
  const [first, seen] = [events.next(), others.next()];
  await eventually(async () => {
    // Of more than are fetched meanwhile the queue of the machine would overflow, and lose the bill.
    if (egm?.state().queuedExceptions.length === 0) {
      egm.openDoor();
      egm.closeDoor();
    }
    const both = Promise.all([first, seen]);
    return await Promise.race([both, new Promise((resolve) => setTimeout(resolve, 200))]);
  });

  await change(as.toLowerCase(), how);
  egm?.insertBill(20n);
  const received: string[] = [];
  const refused = (async () => {
    for (;;) received.push((await events.next()).machineEvents.type);
  })();
  await expect(refused).rejects.toMatchObject(ending);
  const isBill = (type: string) => type.startsWith('BILL');
  while (!isBill((await others.next()).machineEvents.type));
  expect(received.filter(isBill)).toEqual([]);
});
