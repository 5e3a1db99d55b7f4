import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { LastAdminError } from '../../src/auth/errors.ts';
import type { User } from '../../src/auth/user.ts';
import { lockUser, setUserRoles } from '../../src/auth/user-standing-service.ts';
import { NotOwnerError } from '../../src/lib/errors.ts';
import { runWorkOn } from '../support/auth.ts';
import { anActor, aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);

const adminsOf = async (venueId: string) =>
  await floor.db
    .selectFrom('user_role')
    .innerJoin('app_user', 'app_user.id', 'user_role.user_id')
    .where('user_role.venue_id', '=', venueId)
    .where('role', '=', 'ADMIN')
    .where('status', '=', 'ACTIVE')
    .select('user_id')
    .execute();

test.each(Array.from({ length: 5 }, (_, at) => at))(
  'of ADMINs who all take each other’s place away at once, one stays (round %d)',
  async () => {
    const { id: venueId } = await aVenue(runWork);
    const admins: User[] = [];
    for (let made = 0; made < 4; made += 1) admins.push(await aUser(runWork, { venueId, roles: ['ADMIN'] }));
    const outcomes = await Promise.allSettled(
      admins.map((admin, at) => {
        const userId = admins[(at + 1) % admins.length]?.id ?? '';
        return runWork(anActor(admin), async (work) => {
          if (at % 2 === 0) await setUserRoles(work, { userId, venueId, roles: ['PLAYER'] });
          else await lockUser(work, { userId, venueId, reason: 'a coup' });
        });
      }),
    );
    expect(await adminsOf(venueId)).toHaveLength(1);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toEqual([{ status: 'rejected', reason: expect.any(LastAdminError) }]);
  },
);

test.each([
  ['loses his role', sql`delete from user_role where user_id = `],
  ['is locked', sql`update app_user set status = 'LOCKED' where id = `],
  ['is gone', sql`update app_user set status = 'DELETED' where id = `],
])('the database itself refuses that a venue’s last ADMIN %s', async (_, statement) => {
  const { id: venueId } = await aVenue(runWork);
  const { id } = await aUser(runWork, { venueId, roles: ['ADMIN'] });
  await expect(sql`${statement} ${id}`.execute(floor.db)).rejects.toThrow(/would have no ADMIN/);
});

test('whoever sees a user and is no ADMIN says nothing of what he is', async () => {
  const { id: venueId } = await aVenue(runWork);
  const operator = anActor(await aUser(runWork, { venueId, roles: ['OPERATOR'] }));
  const { id: userId } = await aUser(runWork, { venueId });
  const change = runWork(operator, (work) => setUserRoles(work, { userId, venueId, roles: [] }));
  await expect(change).rejects.toThrow(NotOwnerError);
  const lock = runWork(operator, (work) => lockUser(work, { userId, venueId, reason: 'why not' }));
  await expect(lock).rejects.toThrow(NotOwnerError);
});
