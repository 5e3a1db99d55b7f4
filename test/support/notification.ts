import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { system } from '../../src/lib/actor.ts';
import { sendNotification } from '../../src/notification/sending-service.ts';
import type { RunWork } from '../../src/work.ts';

/** The global id of something that floorwire itself has told somebody. */
export const aNotice = (
  runWork: RunWork,
  {
    venueId,
    userId,
    message = 'Something happened.',
  }: { readonly venueId: string; readonly userId: string; readonly message?: string },
): Promise<string> =>
  runWork(system('test'), async (work) => {
    await sendNotification(work, {
      venueId,
      to: { userIds: [userId] },
      type: 'SYSTEM',
      severity: 'INFO',
      message,
      data: {},
      idempotencyKey: null,
      mails: false,
    });
    const { id } = await work.tx
      .selectFrom('notification')
      .select('id')
      .where('user_id', '=', userId)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    return encodeGlobalId('Notification', id);
  });
