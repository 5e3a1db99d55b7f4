import { ValidationError } from '../lib/errors.ts';
import { parseTag } from './device-particulars.ts';

/** Which screens of a venue are meant: all of them, or these, those of these groups, and those with one of these tags. */
export interface Targets {
  readonly everywhere: boolean;
  readonly deviceIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly tags: readonly string[];
}

/** What of a screen says whether it is meant. */
export interface Targetable {
  readonly deviceId: string;
  readonly groupIds: readonly string[];
  readonly tags: readonly string[];
}

export const EVERYWHERE: Targets = { everywhere: true, deviceIds: [], groupIds: [], tags: [] };

const MAX_DEVICES = 1_000;
const MAX_GROUPS = 100;
const MAX_TAGS = 50;

/** Each of them once. @throws ValidationError for none, too many, and some besides all */
export function parseTargets({ everywhere, ...some }: Targets): Targets {
  const deviceIds = [...new Set(some.deviceIds)];
  const groupIds = [...new Set(some.groupIds)];
  const tags = [...new Set(some.tags.map((tag, at) => parseTag(tag, ['tags', at])))];
  const count = deviceIds.length + groupIds.length + tags.length;
  if (everywhere && count > 0)
    throw new ValidationError('everywhere goes without deviceIds, groupIds and tags.', {
      field: 'everywhere',
    });
  if (!everywhere && count === 0)
    throw new ValidationError('Screens are named by deviceIds, groupIds or tags, or all by everywhere.');
  const isOver = { deviceIds: deviceIds.length > MAX_DEVICES, groupIds: groupIds.length > MAX_GROUPS };
  if (isOver.deviceIds || isOver.groupIds || tags.length > MAX_TAGS)
    throw new ValidationError(
      `At most ${MAX_DEVICES} devices, ${MAX_GROUPS} groups and ${MAX_TAGS} tags can be named.`,
      { field: isOver.deviceIds ? 'deviceIds' : isOver.groupIds ? 'groupIds' : 'tags' },
    );
  return { everywhere, deviceIds, groupIds, tags };
}

export const isMeant = (targets: Targets, screen: Targetable): boolean =>
  targets.everywhere ||
  targets.deviceIds.includes(screen.deviceId) ||
  screen.groupIds.some((id) => targets.groupIds.includes(id)) ||
  screen.tags.some((tag) => targets.tags.includes(tag));
