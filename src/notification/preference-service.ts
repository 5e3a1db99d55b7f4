import { ValidationError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import type { NotificationType } from './notification.ts';
import type { Reader } from './notification-store.ts';
import { type Preference, preferencesOf } from './preference.ts';
import { listChoices, putChoice } from './preference-store.ts';

export interface SetPreference {
  readonly type: NotificationType;
  /** Undefined leaves it; null is as is usual for what he is. */
  readonly inApp: boolean | null | undefined;
  readonly byMail: boolean | null | undefined;
}

/**
 * Says how somebody is told what is of one type from now on, and answers how he is told of each.
 *
 * @throws ValidationError when he would not be told in the app what happens to his account
 */
export async function setPreference(
  work: Work,
  reader: Reader,
  preference: SetPreference,
): Promise<readonly Preference[]> {
  const { type, inApp } = preference;
  if (type === 'SECURITY' && inApp === false)
    throw new ValidationError('What happens to the account is told in any case.', { field: 'inApp' });
  const choice = await putChoice(work.tx, reader, { ...preference, at: work.now });
  work.emit({
    type: 'notification.preference-changed',
    venueId: reader.venueId,
    userId: reader.userId,
    notificationType: type,
    ...choice,
  });
  return preferencesOf(reader.roles, await listChoices(work.tx, reader));
}
