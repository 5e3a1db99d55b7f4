import type { StateItem, StreamedEvent } from '../events/source.ts';
import type { ContentEventType } from './content-events.ts';
import { contentIdOf } from './content-service.ts';
import { isMadeOf } from './content-use.ts';
import type { LayoutAt } from './display.ts';
import type { RevisionShelf } from './revision-shelf.ts';

/** Something that what a device shall show is made of is another. */
export type ContentNews = StreamedEvent<ContentEventType> & { readonly kind: 'CONTENT' };

interface Screen {
  readonly venueId: string;
  /** What it shall show. */
  readonly layout: LayoutAt;
  readonly shelf: Pick<RevisionShelf, 'get'>;
}

/** Until a layout is asked for again that could not be read. */
const RETRY_MS = 500;

/** Tells a device of a change of what its layout is made of, and of no other. */
export function tellIfShown(
  event: StreamedEvent<ContentEventType>,
  screen: Screen,
  hear: (item: StateItem) => void,
): void {
  const { venueId, layout, shelf } = screen;
  shelf.get(venueId, layout).then(
    (revision) => {
      if (revision && isMadeOf(revision, event.payload)) hear(itemOf({ ...event, kind: 'CONTENT' }));
    },
    // That the database is away is told elsewhere.
    () => void setTimeout(() => tellIfShown(event, screen, hear), RETRY_MS).unref(),
  );
}

/** The newest change of a thing stands for those before it. */
const itemOf = (news: ContentNews): StateItem => ({
  subject: `content ${contentIdOf(news.payload)}`,
  version: null,
  value: news,
  // Told when its layout was read: what lies before it in the log may come behind it.
  cursor: null,
});
