import { change } from './change.ts';
import type { FloorClient } from './floor-client.ts';

/** Which layout screens show: the newest revision of it. Without devices and groups on all that it was pushed to before. */
export interface LayoutUpdate {
  readonly layoutId: string;
  readonly deviceIds?: readonly string[] | null;
  /** The screens that are in these groups now. */
  readonly groupIds?: readonly string[] | null;
  /** Then; at once without it. */
  readonly at?: Date | string | null;
}

export interface LayoutUpdated {
  /** Who was told; nobody yet while it is to come. */
  readonly deviceIds: readonly string[];
  /** The number of what they show; null while it is to come. */
  readonly revision: number | null;
  /** What is to come, which `cancelLayoutPush` calls off; null when it was done at once. */
  readonly push: { readonly id: string; readonly at: string } | null;
}

/** Something that screens are made of is another than before: whoever follows reads it again. */
export interface ContentSync {
  readonly contentType: 'LAYOUT' | 'MEDIA' | 'PLAYLIST';
  readonly contentId: string;
  /** With DELETE it may be gone already. */
  readonly action: 'CREATE' | 'DELETE' | 'UPDATE';
  /** Any JSON, at most 4096 bytes. */
  readonly data?: unknown;
}

export const PUSH_LAYOUT = `mutation PushLayout($input: PushLayoutInput!) {
  pushLayout(input: $input) {
    ... on PushLayoutSuccess { deviceIds revision { revision } push { id at } }
    ... on Error { code message }
  }
}`;
export const SYNC_CONTENT = `mutation SyncContent($input: SyncContentInput!) {
  syncContent(input: $input) {
    ... on SyncContentSuccess { contentType contentId action }
    ... on Error { code message }
  }
}`;

interface Pushed extends Omit<LayoutUpdated, 'revision'> {
  readonly revision: { readonly revision: number } | null;
}

/** Has screens show a layout, by `pushLayout`. @throws RefusedError and what `ask` throws */
export async function sendLayoutUpdate(client: FloorClient, input: LayoutUpdate): Promise<LayoutUpdated> {
  const request = { query: PUSH_LAYOUT, variables: { input } };
  const { deviceIds, revision, push } = await change<Pushed>(client, request);
  return { deviceIds, revision: revision?.revision ?? null, push };
}

/** Announces a change by hand, by `syncContent`; answers what was announced. @throws RefusedError and what `ask` throws */
export async function sendContentSync(
  client: FloorClient,
  input: ContentSync,
): Promise<Omit<ContentSync, 'data'>> {
  return await change<Omit<ContentSync, 'data'>>(client, { query: SYNC_CONTENT, variables: { input } });
}
