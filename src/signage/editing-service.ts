import { type Actor, actorReference, credentialOf } from '../lib/actor.ts';
import { NotFoundError, PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import { type Editor, expiryFrom, MAX_EDITORS } from './editing.ts';
import {
  countEditingChange,
  deleteEditors,
  type EditedLayout,
  listEditors,
  listLayoutsEditedBy,
  renewEditor,
  saveEditor,
} from './editing-store.ts';
import { lockOwn } from './layout-service.ts';
import { snapshotOfEditor } from './layout-snapshots.ts';
import { lockLayout } from './layout-store.ts';

export interface JoinEditing extends EditedLayout {
  /** The region he wants for himself; null: none. */
  readonly regionId: string | null;
}

/** Who he is among those who work on it, and who else has the region he wanted. */
export interface Joined {
  readonly editor: Editor;
  readonly holder: Editor | null;
}

/**
 * Shows others that somebody works on a layout, and on which region of it, for 30 seconds: to stay he says it again.
 * A region is one editor's at a time. That keeps nobody from saving it.
 *
 * @throws NotFoundError, NotOwnerError, PermissionDeniedError, ValidationError
 */
export async function joinEditing(work: Work, { regionId, ...of }: JoinEditing): Promise<Joined> {
  const { tx, actor, now } = work;
  const layout = await lockOwn(work, of);
  const credentialId = credentialIdOf(actor);
  if (regionId !== null && !layout.regions.some(({ id }) => id === regionId))
    throw new NotFoundError('region');
  const gone = await deleteEditors(tx, { layoutId: layout.id, expiredAt: now });
  const editors = await listEditors(tx, of.venueId, { layoutIds: [layout.id], now });
  const known = editors.find((editor) => editor.credentialId === credentialId);
  if (!known && editors.length >= MAX_EDITORS)
    throw new ValidationError(`At most ${MAX_EDITORS} work on a layout.`);
  const holder =
    editors.find((editor) => editor !== known && regionId !== null && editor.regionId === regionId) ?? null;
  const editor: Editor = {
    ...of,
    credentialId,
    who: actorReference(actor),
    regionId: holder ? null : regionId,
    joinedAt: known?.joinedAt ?? now,
    expiresAt: expiryFrom(now),
  };
  const isSame = known !== undefined && (await renewEditor(tx, editor, work));
  if (!isSame) await saveEditor(tx, editor);
  if (!isSame || gone > 0) await announceEditors(work, of);
  return { editor, holder };
}

/** He works on it no longer. Once more changes nothing. @throws NotFoundError, NotOwnerError, PermissionDeniedError */
export async function leaveEditing(work: Work, of: EditedLayout): Promise<void> {
  const layout = await lockOwn(work, of);
  const gone = await deleteEditors(work.tx, {
    layoutId: layout.id,
    credentialId: credentialIdOf(work.actor),
  });
  if (gone > 0) await announceEditors(work, of);
}

/** Who worked on layouts with a session or key that is over is gone from them. */
export async function endEditingOf(work: Work, credentialId: string): Promise<void> {
  for (const of of await listLayoutsEditedBy(work.tx, credentialId)) {
    if (!(await lockLayout(work.tx, of.venueId, of.layoutId))) continue;
    const gone = await deleteEditors(work.tx, { layoutId: of.layoutId, credentialId });
    if (gone > 0) await announceEditors(work, of);
  }
}

/** Who has not said for too long that he is there is gone. */
export async function expireEditing(work: Work, of: EditedLayout): Promise<void> {
  await lockLayout(work.tx, of.venueId, of.layoutId);
  const gone = await deleteEditors(work.tx, { layoutId: of.layoutId, expiredAt: work.now });
  if (gone > 0) await announceEditors(work, of);
}

/** Tells who works on a layout now. Nobody else joins or leaves it meanwhile: it is locked. */
async function announceEditors(work: Work, of: EditedLayout): Promise<void> {
  const editingRevision = String(await countEditingChange(work.tx, of));
  const editors = await listEditors(work.tx, of.venueId, { layoutIds: [of.layoutId], now: work.now });
  work.emit({
    type: 'signage.editors-changed',
    venueId: of.venueId,
    layoutId: of.layoutId,
    editingRevision,
    editors: editors.map(snapshotOfEditor),
  });
}

/** @throws PermissionDeniedError to who works with neither a session nor a key */
function credentialIdOf(actor: Actor): string {
  const credentialId = credentialOf(actor);
  if (credentialId === null) throw new PermissionDeniedError('work on layouts with others');
  return credentialId;
}
