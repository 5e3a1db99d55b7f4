import { type Box, drawBoxes, type Size } from './canvas.ts';
import { contentLines, type PlayedLayout, type PlayedRegion } from './layout.ts';
import type { StateOf } from './media.ts';
import { type Showing, showingsOf, turnsEndAt } from './showing.ts';
import type { PlayedValue } from './value-text.ts';

/** What a player shows: the layout it was given last, and the live values of that. */
export interface Stage {
  /** Null: nothing. */
  readonly layout: PlayedLayout | null;
  /** Of the display; null before it was given any. */
  readonly displayVersion: bigint | null;
  /** Shows a layout from now on, without values until they come; of the same version of the display it keeps them. */
  show(displayVersion: bigint, layout: PlayedLayout | null): void;
  /** What regions show from now on. Those of another version of the display are passed over. */
  put(displayVersion: bigint, regionIds: readonly string[], value: PlayedValue | null): boolean;
  /** Whether it is switched on: else it is dark. */
  readonly isOn: boolean;
  switch(isOn: boolean): void;
  /** Shows which one it is until then. */
  identify(untilMs: number): void;
  /** Of a live region; undefined before it came. */
  valueOf(regionId: string): PlayedValue | null | undefined;
  /** `size.height` lines of `size.width` characters, as it looks at an instant. */
  draw(size: Size, atMs: number): readonly string[];
  /** What proof of play counts of that. */
  showings(atMs: number): readonly Showing[];
  /** When it looks otherwise by itself; null: it does not. */
  changesAt(atMs: number): number | null;
}

/** @param name which one it is, for who stands before it */
export function createStage(name: string, stateOf: StateOf): Stage {
  let layout: PlayedLayout | null = null;
  let version: bigint | null = null;
  let values = new Map<string, PlayedValue | null>();
  let isOn = true;
  let identifiedUntilMs = 0;

  const boxOf = (region: PlayedRegion, atMs: number): Box => ({
    ...region,
    title: region.name,
    lines: contentLines(region.content, { value: values.get(region.regionId), atMs, stateOf }),
  });
  /** What is to be seen of it. */
  const seenAt = (atMs: number): PlayedLayout | null => (isOn && atMs >= identifiedUntilMs ? layout : null);

  return {
    get layout() {
      return layout;
    },
    get displayVersion() {
      return version;
    },
    show(displayVersion, given) {
      if (displayVersion !== version) values = new Map();
      version = displayVersion;
      layout = given;
    },
    put(displayVersion, regionIds, value) {
      if (displayVersion !== version) return false;
      for (const id of regionIds) values.set(id, value);
      return true;
    },
    get isOn() {
      return isOn;
    },
    switch(given) {
      isOn = given;
    },
    identify(untilMs) {
      identifiedUntilMs = untilMs;
    },
    valueOf: (regionId) => values.get(regionId),
    draw(size, atMs) {
      if (atMs < identifiedUntilMs) return drawBoxes([{ ...WHOLE, title: name, lines: [name] }], WHOLE, size);
      const seen = seenAt(atMs);
      if (!seen) return drawBoxes([], WHOLE, size);
      return drawBoxes(
        seen.regions.map((region) => boxOf(region, atMs)),
        seen,
        size,
      );
    },
    showings(atMs) {
      const seen = seenAt(atMs);
      return seen ? showingsOf(seen, { atMs, stateOf }) : [];
    },
    changesAt(atMs) {
      if (atMs < identifiedUntilMs) return identifiedUntilMs;
      const seen = seenAt(atMs);
      return seen && turnsEndAt(seen, atMs);
    },
  };
}

/** All of the screen. */
const WHOLE = { x: 0, y: 0, width: 1, height: 1, z: 0 };
