import type { WantedSlot } from '../booking/slot-service.ts';
import { ValidationError } from '../lib/errors.ts';
import { decodeIdOf, slotOfKey } from './ids.ts';

/** What the fields of an input say that choose a slot. */
export const CHOICE = {
  slotId: 'The slot; or `resourceId`, `date` and `index` (ValidationError).',
  resourceId: 'Of which resource, where `slotId` is not given.',
  date: 'Of which day, by the venue’s calendar.',
  index: '`Slot.index`: which of that day.',
} as const;

export interface SlotChoice {
  readonly slotId?: string | null | undefined;
  readonly resourceId?: string | null | undefined;
  readonly date?: string | null | undefined;
  readonly index?: number | null | undefined;
}

/** Which slot an input means; null: it says nothing of one. @throws ValidationError when it says too little, or both */
export function choiceOf({ slotId, resourceId, date, index }: SlotChoice): WantedSlot | null {
  const named = [resourceId, date, index].filter((part) => part != null).length;
  if (slotId != null && named === 0) return slotOfKey(decodeIdOf('Slot', slotId));
  if (slotId == null && resourceId != null && date != null && index != null)
    return { resourceId: decodeIdOf('Resource', resourceId), day: date, index };
  if (slotId == null && named === 0) return null;
  throw new ValidationError('Give slotId, or resourceId, date and index.');
}

/** The same where it has to be one. @throws ValidationError */
export function requiredChoice(input: SlotChoice): WantedSlot {
  const choice = choiceOf(input);
  if (!choice) throw new ValidationError('Give slotId, or resourceId, date and index.');
  return choice;
}
