import type { LoggedEvent } from '../events/events.ts';
import type { Region } from './region.ts';

/** What was changed of a draft, as it is since. */
export interface LayoutEditedSnapshot {
  readonly layoutId: string;
  readonly version: number;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly changedRegions: readonly Region[];
  readonly removedRegionIds: readonly string[];
}

/** Who works on a layout from then on. Times are ISO 8601 in UTC. */
export interface EditorsChangedSnapshot {
  readonly layoutId: string;
  /** Grows; a text. */
  readonly editingRevision: string;
  readonly editors: readonly EditorSnapshot[];
}

/** A person, or a key. */
export interface EditorSnapshot {
  readonly userId: string | null;
  readonly apiKeyId: string | null;
  /** The region he has for himself. */
  readonly regionId: string | null;
  readonly joinedAt: string;
}

interface PushSnapshot {
  readonly pushId: string;
  readonly layoutId: string;
}

declare module '../events/events.ts' {
  interface EventMap {
    'signage.layout-created': { readonly layoutId: string; readonly name: string };
    'signage.layout-edited': LayoutEditedSnapshot;
    'signage.layout-published': {
      readonly layoutId: string;
      readonly revision: number;
      /** The version of the draft that it is. */
      readonly version: number;
      readonly name: string;
    };
    'signage.layout-deleted': {
      readonly layoutId: string;
      readonly name: string;
      /** What screens show instead; null when none had shown it. */
      readonly replacedByLayoutId: string | null;
    };
    'signage.editors-changed': EditorsChangedSnapshot;
    'signage.push-planned': PushSnapshot & { readonly dueAt: string };
    'signage.push-cancelled': PushSnapshot;
    'signage.push-made': PushSnapshot & { readonly revision: number; readonly devices: number };
  }
}

/** What of a layout those are told who work on it. */
export const LAYOUT_EVENTS = [
  'signage.layout-edited',
  'signage.layout-published',
  'signage.layout-deleted',
  'signage.editors-changed',
] as const;

export type LayoutEventType = (typeof LAYOUT_EVENTS)[number];

export type LayoutEvent = LoggedEvent<LayoutEventType>;
