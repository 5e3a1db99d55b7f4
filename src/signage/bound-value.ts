import type { SlotState } from '../booking/slot.ts';
import type { Money } from '../lib/money.ts';
import type { Binding, Region } from './region.ts';

/** What is bound to a region, as it is now. */
export type BoundValue =
  | { readonly kind: 'JACKPOT'; readonly name: string; readonly amount: Money }
  | BoundMeter
  | BoundOccupancy
  | BoundSlotBoard
  | BoundMessage;

/** A meter of a machine. */
export interface BoundMeter {
  readonly kind: 'METER';
  /** The machine's. */
  readonly name: string;
  /** Of the meter, SAS.md chapter 8. */
  readonly code: number;
  readonly value: bigint;
  /** What it is worth; null where it counts no money. */
  readonly money: Money | null;
}

/** How full a parking lot is, in cars. */
export interface BoundOccupancy {
  readonly kind: 'OCCUPANCY';
  readonly name: string;
  readonly capacity: number;
  readonly occupied: number;
  readonly reserved: number;
  readonly free: number;
  readonly isStale: boolean;
}

/** The slots of today. Who has them is not told. */
export interface BoundSlotBoard {
  readonly kind: 'SLOT_BOARD';
  readonly name: string;
  /** `YYYY-MM-DD`, by the venue's clock. */
  readonly day: string;
  readonly timeZone: string;
  readonly slots: readonly BoundSlot[];
}

export interface BoundSlot {
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly state: SlotState;
  /** How many more can have it. */
  readonly free: number;
}

/** What was said last on a channel. */
export interface BoundMessage {
  readonly kind: 'CHANNEL';
  readonly type: string;
  /** JSON, as it was sent. */
  readonly dataText: string;
  readonly sentAt: Date;
}

/** A binding, and the regions of a layout that show it. */
export interface BoundRegions {
  readonly binding: Binding;
  /** 1 or more. */
  readonly regionIds: readonly string[];
}

/** What is bound to the regions of a layout, each once, in their order. */
export function bindingsOf(regions: readonly Region[]): readonly BoundRegions[] {
  const bound = new Map<string, { readonly binding: Binding; readonly regionIds: string[] }>();
  for (const { id, content } of regions) {
    if (content.kind !== 'LIVE') continue;
    const { binding } = content;
    const known = bound.get(bindingKey(binding));
    if (known) known.regionIds.push(id);
    else bound.set(bindingKey(binding), { binding, regionIds: [id] });
  }
  return [...bound.values()];
}

/** Of a venue's bindings equal ones have equal keys. */
export const bindingKey = (binding: Binding): string =>
  binding.kind === 'METER' ? `${sourceOf(binding)} ${binding.meter}` : sourceOf(binding);

/** What has to change for the value to be another: several bindings may hang on one. */
export function sourceOf(binding: Binding): string {
  switch (binding.kind) {
    case 'METER':
      return `machine ${binding.machineId}`;
    case 'JACKPOT':
      return `jackpot ${binding.jackpotId}`;
    case 'OCCUPANCY':
      return `lot ${binding.lotId}`;
    case 'SLOT_BOARD':
      return `resource ${binding.resourceId}`;
    case 'CHANNEL':
      return `channel ${binding.channel}`;
  }
}
