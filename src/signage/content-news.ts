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
  /** What it shall show, as far as that is known; null: nothing. */
  readonly shown: () => LayoutAt | null;
  readonly shelf: Pick<RevisionShelf, 'get'>;
  readonly hear: (item: StateItem) => void;
}

/** Tells a device of changes, each behind those that were made before it, until it is disposed of. */
export interface ContentTeller extends Disposable {
  tell(event: StreamedEvent<ContentEventType>): void;
}

/** Until a layout is asked for again that could not be read. */
const RETRY_MS = 500;

/** Tells a device of the changes of what its layout is made of, and of no others. */
export function createContentTeller({ venueId, shown, shelf, hear }: Screen): ContentTeller {
  /** In the order of the log; the first is being looked at. */
  const waiting: StreamedEvent<ContentEventType>[] = [];
  let retry: NodeJS.Timeout | undefined;
  let isOver = false;

  async function look({ payload }: StreamedEvent<ContentEventType>): Promise<boolean> {
    const layout = shown();
    const revision = layout && (await shelf.get(venueId, layout));
    return revision !== null && isMadeOf(revision, payload);
  }

  function goOn(): void {
    const [event] = waiting;
    if (!event) return;
    look(event).then(
      (isShown) => {
        if (isOver) return;
        waiting.shift();
        if (isShown) hear(itemOf({ ...event, kind: 'CONTENT' }));
        goOn();
      },
      // That the database is away is told elsewhere.
      () => {
        if (!isOver) retry = setTimeout(goOn, RETRY_MS).unref();
      },
    );
  }

  return {
    tell(event) {
      if (waiting.push(event) === 1) goOn();
    },
    [Symbol.dispose]() {
      isOver = true;
      clearTimeout(retry);
    },
  };
}

/** The newest change of a thing stands for those before it. */
const itemOf = (news: ContentNews): StateItem => ({
  subject: `content ${contentIdOf(news.payload)}`,
  version: null,
  value: news,
  // Told when its layout was read: what lies before it in the log may come behind it.
  cursor: null,
});
