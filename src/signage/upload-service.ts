import { type OpaqueToken, opaqueTokenHash } from '../auth/opaque-token.ts';
import { PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import { UploadRejectedError } from './errors.ts';
import { canStageUpload } from './policy.ts';
import { holdsDevice } from './possession.ts';
import {
  type AnnouncedFile,
  MAX_STAGED,
  MAX_STAGED_OF_HOLDER,
  STAGED_MS,
  type StagedFile,
  type StoredFile,
  UPLOAD_MARK,
  type UploadPurpose,
} from './stored-file.ts';
import { countStaged, insertStaged, keepFile, lockStaged } from './stored-file-store.ts';

export interface StagedUpload {
  readonly file: StagedFile;
  /** Until then it has to begin to come. */
  readonly expiresAt: Date;
}

/**
 * Expects a file that is announced: it may be sent once, with the token. Firmware also by who has booked a device for
 * this very moment.
 *
 * @throws PermissionDeniedError, ValidationError when too many of the venue are on their way
 */
export async function stageUpload(
  work: Work,
  {
    venueId,
    announced,
    made,
  }: { readonly venueId: string; readonly announced: AnnouncedFile; readonly made: OpaqueToken },
): Promise<StagedUpload> {
  const { tx, actor, now } = work;
  const { purpose } = announced;
  const isHisHour = purpose === 'FIRMWARE' && (await holdsDevice(tx, actor, { venueId, now }));
  const mayAnyway = canStageUpload(actor, { venueId, purpose });
  if (!isHisHour && !mayAnyway)
    throw new PermissionDeniedError(`upload ${purpose === 'MEDIA' ? 'media' : 'firmware'}`);
  // What he has a right to for an hour must not take the venue's uploads from those who run it.
  if (!mayAnyway && (await countStaged(tx, venueId, actor)) >= MAX_STAGED_OF_HOLDER)
    throw new ValidationError(`You have at most ${MAX_STAGED_OF_HOLDER} uploads on their way. Finish some.`);
  if ((await countStaged(tx, venueId)) >= MAX_STAGED)
    throw new ValidationError(`A venue has at most ${MAX_STAGED} uploads on their way. Finish some.`);
  const file: StagedFile = { ...announced, id: newId(), venueId };
  const expiresAt = new Date(now.getTime() + STAGED_MS);
  await insertStaged(tx, file, { tokenHash: made.hash, by: actor, stagedAt: now, expiresAt });
  return { file, expiresAt };
}

/**
 * Takes a file that has come, for good: its token is worth nothing from then on. What holds the file lets go of it with
 * `releaseFiles`.
 *
 * @throws UploadRejectedError when there is no such file of the venue and purpose, or it has not come
 */
export async function takeStaged(
  work: Work,
  {
    venueId,
    token,
    purpose,
  }: { readonly venueId: string; readonly token: string; readonly purpose: UploadPurpose },
): Promise<StoredFile> {
  const tokenHash = opaqueTokenHash(token, UPLOAD_MARK);
  const staged = tokenHash && (await lockStaged(work.tx, venueId, { tokenHash, purpose, now: work.now }));
  if (!staged)
    throw new UploadRejectedError(
      'NOT_STAGED',
      'No such upload is there: it was used, was refused, is over, or is for something else.',
    );
  if (!staged.isStored)
    throw new UploadRejectedError('NOT_ARRIVED', 'The file has not come yet: send it to the url first.');
  await keepFile(work.tx, staged.file.id);
  return staged.file;
}
