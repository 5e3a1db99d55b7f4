import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';

const floor = await aFloorApp({ machines: 1 });
const [egm] = floor.egms;
await floor.online();

const EVENTS = 'subscription { machineEvents { type } }';

/** Whoever he was a second ago is forgotten by then. */
const asNow = async (as: 'OPERATOR' | 'AUDITOR', code: string | null) =>
  eventually(async () => {
    const { errors } = await floor.ask('{ machines { totalCount } }', { as });
    return (errors?.[0]?.extensions.code ?? null) === code;
  });

async function changeUser(username: string, change: 'DEMOTE' | 'LOCK'): Promise<void> {
  const { db } = floor.app().services;
  const { id } = await db
    .selectFrom('app_user')
    .select('id')
    .where('username', '=', username)
    .executeTakeFirstOrThrow();
  if (change === 'LOCK')
    await db.updateTable('app_user').set({ status: 'LOCKED' }).where('id', '=', id).execute();
  else {
    await db
      .insertInto('user_role')
      .values({ user_id: id, venue_id: floor.venueId, role: 'PLAYER' })
      .execute();
    await db.deleteFrom('user_role').where('user_id', '=', id).where('role', '!=', 'PLAYER').execute();
  }
}

test.each([
  ['loses his role', 'AUDITOR', 'DEMOTE', 'AUTH_004'],
  ['is locked', 'OPERATOR', 'LOCK', 'AUTH_012'],
] as const)('a subscriber who %s gets nothing that happens later', async (_, as, change, code) => {
  const events = floor.follow(EVENTS, { as });
  const first = events.next();
  await eventually(() => floor.app().services.info.connections() > 0);
  await eventually(async () => {
    egm?.openDoor();
    egm?.closeDoor();
    return await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 200))]);
  });

  await changeUser(as.toLowerCase(), change);
  await asNow(as, code);
  const refused = (async () => {
    for (;;) await events.next();
  })();
  refused.catch(() => {});
  egm?.insertBill(20n);
  await expect(refused).rejects.toMatchObject([{ extensions: { code } }]);
});
