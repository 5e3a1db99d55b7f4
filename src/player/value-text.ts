/** What a live region shows, as `BoundValueChanged.value` answers it. */
export type PlayedValue =
  | { readonly __typename: 'BoundJackpot'; readonly name: string; readonly amount: PlayedMoney }
  | {
      readonly __typename: 'BoundMeter';
      readonly name: string;
      readonly label: string;
      readonly value: string;
      readonly money: PlayedMoney | null;
    }
  | {
      readonly __typename: 'BoundOccupancy';
      readonly name: string;
      readonly capacity: number;
      readonly free: number;
      readonly isStale: boolean;
    }
  | {
      readonly __typename: 'BoundSlotBoard';
      readonly name: string;
      readonly date: string;
      readonly slots: readonly PlayedSlot[];
    }
  | { readonly __typename: 'BoundMessage'; readonly type: string; readonly data: unknown };

interface PlayedMoney {
  readonly formatted: string;
}

interface PlayedSlot {
  readonly startTime: string;
  readonly endTime: string;
  readonly state: string;
}

/** Null: there is nothing to be shown. */
export function valueLines(value: PlayedValue | null): readonly string[] {
  switch (value?.__typename) {
    case 'BoundJackpot':
      return [value.name, value.amount.formatted];
    case 'BoundMeter':
      return [value.name, value.label, value.money?.formatted ?? value.value];
    case 'BoundOccupancy':
      return [value.name, `${value.free} of ${value.capacity} free${value.isStale ? ' (not sure)' : ''}`];
    case 'BoundSlotBoard':
      return [`${value.name}, ${value.date}`, ...value.slots.map(slotLine)];
    case 'BoundMessage':
      return messageLines(value.data);
    default:
      // Also what this player does not know yet.
      return ['–'];
  }
}

const slotLine = ({ startTime, endTime, state }: PlayedSlot): string =>
  `${clock(startTime)}–${clock(endTime)} ${state.toLowerCase()}`;

/** Without its seconds. */
const clock = (time: string): string => time.slice(0, 5);

/** A text, or what is called so in what was said; else JSON. */
function messageLines(data: unknown): readonly string[] {
  if (typeof data === 'string') return data.split('\n');
  const text = typeof data === 'object' && data !== null ? Reflect.get(data, 'text') : null;
  return typeof text === 'string' ? text.split('\n') : [JSON.stringify(data)];
}
