import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { readWithCursor } from '../events/cursor.ts';
import type { LoggedEvent } from '../events/events.ts';
import { NOT_ITERABLE, type StateItem, type StateSource } from '../events/source.ts';
import type { Streams } from '../events/stream.ts';
import type { Actor } from '../lib/actor.ts';
import { findOpenCommands } from './command-store.ts';
import type { ContentEventType } from './content-events.ts';
import { type ContentNews, createContentTeller } from './content-news.ts';
import type { DisplayCause, LayoutAt } from './display.ts';
import type { LayoutPushedSnapshot } from './display-events.ts';
import { findDisplays } from './display-store.ts';
import { findOpenOffers } from './firmware-update-store.ts';
import './firmware-events.ts';
import type { RevisionShelf } from './revision-shelf.ts';
import { createScreenFollower } from './screen-follower.ts';
import {
  createScreenValues,
  type ScreenLayout,
  type ScreenValue,
  type ScreenValues,
} from './screen-values.ts';
import type { ValueBoard } from './value-board.ts';

/** What a device is told on its own stream. */
export type PlayerNews = LayoutNews | ContentNews | FirmwareNews | CommandNews | ValueNews;

interface Placed {
  /** Behind it in the log nothing lies that was told before; null for what is not in the log. */
  readonly cursor: string | null;
}

/** What it shall show from now on. */
export interface LayoutNews extends Placed {
  readonly kind: 'LAYOUT';
  readonly displayVersion: bigint;
  /** Null: nothing. */
  readonly layout: LayoutAt | null;
  readonly cause: DisplayCause | null;
  /** Null for a device that never was to show anything. */
  readonly desiredAt: Date | null;
}

/** Another firmware it may have. It is told so again until it is through with it. */
export interface FirmwareNews extends Placed {
  readonly kind: 'FIRMWARE';
  readonly deploymentId: string;
}

/** Something it is to do. It can be told so again until it has said that it has it. */
export interface CommandNews extends Placed {
  readonly kind: 'COMMAND';
  readonly commandId: string;
}

/** What is bound to regions of it, as it is now. */
export interface ValueNews extends ScreenValue, Placed {
  readonly kind: 'VALUE';
}

export interface PlayerStreamParts {
  readonly streams: Streams;
  readonly valueBoard: ValueBoard;
  readonly revisionShelf: RevisionShelf;
}

interface Reader {
  readonly db: Kysely<Database>;
  readonly now: Date;
}

interface Followed {
  readonly venueId: string;
  readonly deviceId: string;
  readonly after: string | null;
}

const PLAYER_EVENTS = [
  'signage.layout-pushed',
  'signage.firmware-offered',
  'signage.command-queued',
] as const;
type PlayerEventType = (typeof PLAYER_EVENTS)[number];

/**
 * What one device is told: how things stand for it whenever it comes, and then each change. Of what it shall show
 * and of each value the newest stands for those before it.
 */
export function playerSource(
  { streams, valueBoard, revisionShelf }: PlayerStreamParts,
  { venueId, deviceId, after }: Followed,
): StateSource<Reader> {
  const events = streams.events<PlayerEventType>({
    types: PLAYER_EVENTS,
    venueId,
    subjects: { of: deviceOf, among: [deviceId] },
    sightOf: () => 'OWN',
  });
  const contents = streams.events<ContentEventType>({
    types: ['signage.content-changed'],
    venueId,
    sightOf: () => 'OWN',
  });
  let values: ScreenValues | null = null;
  let shown: LayoutNews | null = null;

  return {
    ...NOT_ITERABLE,
    kind: 'state',
    key: deviceId,
    minIntervalMs: 0,
    sightOf: (actor) => (isDevice(actor, deviceId) ? 'OWN' : null),
    resumption: {
      after,
      // Its values are not in the log, and what it was asked to do may have been lost with it.
      hasChangedSince: async (cursor) => {
        await events.begin(cursor);
        return true;
      },
    },
    async read(reader) {
      const { layout, offers, commands } = await readPresent(reader, { venueId, deviceId });
      shown = newerOf(shown, layout);
      const bound = (await values?.show(screenOf(layout))) ?? [];
      return [
        layoutItem(layout),
        ...offers.map(firmwareItem),
        ...commands.map(commandItem),
        ...bound.map(valueItem),
      ];
    },
    listen(hear) {
      const own = createScreenValues({
        venueId,
        shelf: revisionShelf,
        board: valueBoard,
        hear: (value) => hear(valueItem(value)),
      });
      values = own;
      const follower = createScreenFollower(own, (value) => hear(valueItem(value)));
      const teller = createContentTeller({
        venueId,
        shown: () => shown?.layout ?? null,
        shelf: revisionShelf,
        hear,
      });
      const heard = events.listen((event) => {
        if (event.type === 'signage.command-queued') {
          const commandId = event.payload.deviceCommandId;
          hear(commandItem({ kind: 'COMMAND', commandId, cursor: event.cursor }));
        } else if (event.type === 'signage.firmware-offered') {
          const { deploymentId } = event.payload;
          hear(firmwareItem({ kind: 'FIRMWARE', deploymentId, cursor: event.cursor }));
        } else if (event.type === 'signage.layout-pushed') {
          const news = newsOf(event.payload, event.cursor);
          shown = newerOf(shown, news);
          hear(layoutItem(news));
          follower.show(screenOf(news));
        }
      });
      const changed = contents.listen((event) => {
        if (event.type === 'signage.content-changed') teller.tell(event);
      });
      return {
        [Symbol.dispose]() {
          changed[Symbol.dispose]();
          heard[Symbol.dispose]();
          teller[Symbol.dispose]();
          follower[Symbol.dispose]();
          own[Symbol.dispose]();
        },
      };
    },
  };
}

/** How things stand for a device. Only behind the last of it has it heard all of that. */
async function readPresent(
  { db, now }: Reader,
  { venueId, deviceId }: Pick<Followed, 'venueId' | 'deviceId'>,
): Promise<{
  readonly layout: LayoutNews;
  readonly offers: readonly FirmwareNews[];
  readonly commands: readonly CommandNews[];
}> {
  const { state, cursor } = await readWithCursor(db, async (tx) => ({
    displays: await findDisplays(tx, venueId, [deviceId]),
    offers: [...(await findOpenOffers(tx, venueId, [deviceId])).values()],
    commands: await findOpenCommands(tx, venueId, { deviceId, now }),
  }));
  const [display] = state.displays;
  const { offers, commands } = state;
  const cursorAt = (place: number) => (place === offers.length + commands.length ? cursor : null);
  return {
    layout: {
      kind: 'LAYOUT',
      displayVersion: display?.version ?? 0n,
      layout: display?.desired ?? null,
      cause: display?.desired?.cause ?? null,
      desiredAt: display?.desiredAt ?? null,
      cursor: cursorAt(0),
    },
    offers: offers.map(({ deploymentId }, at) => ({
      kind: 'FIRMWARE',
      deploymentId,
      cursor: cursorAt(at + 1),
    })),
    commands: commands.map(({ id: commandId }, at) => ({
      kind: 'COMMAND',
      commandId,
      cursor: cursorAt(offers.length + at + 1),
    })),
  };
}

const screenOf = ({ displayVersion, layout }: LayoutNews): ScreenLayout => ({
  version: displayVersion,
  layout,
});

/** What is heard may come while the present is read. */
const newerOf = (known: LayoutNews | null, news: LayoutNews): LayoutNews =>
  known && known.displayVersion > news.displayVersion ? known : news;

const deviceOf = ({ payload }: LoggedEvent<PlayerEventType>): string => payload.deviceId;

const isDevice = (actor: Actor, deviceId: string): boolean =>
  actor.kind === 'device' && actor.deviceId === deviceId;

const newsOf = (
  { layoutId, revision, cause, displayVersion, desiredAt }: LayoutPushedSnapshot,
  cursor: string,
): LayoutNews => ({
  kind: 'LAYOUT',
  cursor,
  displayVersion: BigInt(displayVersion),
  layout: layoutId !== null && revision !== null ? { layoutId, revision } : null,
  cause,
  desiredAt: new Date(desiredAt),
});

const layoutItem = (news: LayoutNews): StateItem => ({
  subject: 'layout',
  version: news.displayVersion,
  value: news,
  cursor: news.cursor,
});

const firmwareItem = (news: FirmwareNews): StateItem => ({
  subject: 'firmware',
  version: null,
  value: news,
  cursor: news.cursor,
});

/** Each is a thing of its own, so none stands for another. */
const commandItem = (news: CommandNews): StateItem => ({
  subject: `command ${news.commandId}`,
  version: null,
  value: news,
  cursor: news.cursor,
});

/** Values have no number: each that is heard is newer than the one before. */
const valueItem = (value: ScreenValue): StateItem => ({
  subject: `value ${value.regionIds.join()}`,
  version: null,
  value: { ...value, kind: 'VALUE', cursor: null } satisfies ValueNews,
});
