import type { Editor } from './editing.ts';
import type { EditorSnapshot } from './layout-events.ts';

export const snapshotOfEditor = ({ who, regionId, joinedAt }: Editor): EditorSnapshot => ({
  userId: who.kind === 'user' ? who.id : null,
  apiKeyId: who.kind === 'partner' ? who.id : null,
  regionId,
  joinedAt: joinedAt.toISOString(),
});
