import { canSeeSlots } from '../booking/policy.ts';
import { findResourcesByIds } from '../booking/resource-store.ts';
import type { DeviceActor } from '../lib/actor.ts';
import { type InputPath, NotFoundError, ValidationError } from '../lib/errors.ts';
import { findJackpotsByIds } from '../machine/jackpot-store.ts';
import { canSeeMachines } from '../machine/policy.ts';
import { findMachinesByIds } from '../machine/store.ts';
import { channelOfKey } from '../notification/channel.ts';
import { canFollowChannel } from '../notification/channel-policy.ts';
import { findLotsByIds } from '../parking/lot-store.ts';
import { canSeeLots } from '../parking/policy.ts';
import type { Work } from '../work.ts';
import { lockContent } from './content-use-store.ts';
import type { Binding, GivenRegions, Region } from './region.ts';

/**
 * Refuses regions that show what is not there, or what the caller may not see himself: whoever may say what screens
 * show learns nothing by it.
 *
 * @throws NotFoundError; ValidationError for a channel that is not for screens
 */
export async function requireContent(
  work: Work,
  venueId: string,
  { regions, given }: { readonly regions: readonly Region[]; readonly given?: GivenRegions },
): Promise<void> {
  const { tx, actor, now } = work;
  const bindings = regions.flatMap(({ content }) => (content.kind === 'LIVE' ? [content.binding] : []));
  const idsOf = (idOf: (binding: Binding) => string | null) => [
    ...new Set(bindings.flatMap((binding) => idOf(binding) ?? [])),
  ];

  await requireAll(
    'machine',
    idsOf((each) => (each.kind === 'METER' ? each.machineId : null)),
    {
      isSeen: canSeeMachines(actor, venueId),
      find: async (ids) =>
        (await findMachinesByIds(tx, venueId, ids)).filter(({ removedAt }) => removedAt === null),
    },
  );
  await requireAll(
    'jackpot',
    idsOf((each) => (each.kind === 'JACKPOT' ? each.jackpotId : null)),
    {
      isSeen: canSeeMachines(actor, venueId),
      find: (ids) => findJackpotsByIds(tx, venueId, ids),
    },
  );
  await requireAll(
    'parking lot',
    idsOf((each) => (each.kind === 'OCCUPANCY' ? each.lotId : null)),
    {
      isSeen: canSeeLots(actor, venueId),
      find: (ids) => findLotsByIds(tx, venueId, { ids, now }),
    },
  );
  await requireAll(
    'resource',
    idsOf((each) => (each.kind === 'SLOT_BOARD' ? each.resourceId : null)),
    {
      isSeen: canSeeSlots(actor, venueId),
      find: (ids) => findResourcesByIds(tx, venueId, ids),
    },
  );
  const contents = regions.map(({ content }) => content);
  await requireMedia(work, venueId, {
    mediaIds: [...new Set(contents.flatMap((each) => (each.kind === 'MEDIA' ? each.mediaId : [])))],
    playlistIds: [...new Set(contents.flatMap((each) => (each.kind === 'PLAYLIST' ? each.playlistId : [])))],
  });
  for (const { id, content } of regions)
    if (content.kind === 'LIVE' && content.binding.kind === 'CHANNEL')
      requireForScreens(venueId, content.binding.channel, given ? channelIn(given, id) : []);
}

async function requireAll(
  what: string,
  ids: readonly string[],
  {
    isSeen,
    find,
  }: {
    readonly isSeen: boolean;
    readonly find: (ids: readonly string[]) => Promise<readonly unknown[]>;
  },
): Promise<void> {
  if (ids.length === 0) return;
  if (!isSeen || (await find(ids)).length < ids.length) throw new NotFoundError(what);
}

/** Who may draw what screens show may show on them all media there are. @throws NotFoundError */
async function requireMedia(
  { tx }: Work,
  venueId: string,
  wanted: { readonly mediaIds: readonly string[]; readonly playlistIds: readonly string[] },
): Promise<void> {
  if (wanted.mediaIds.length + wanted.playlistIds.length === 0) return;
  const found = await lockContent(tx, venueId, wanted);
  if (found.mediaIds.size < wanted.mediaIds.length) throw new NotFoundError('medium');
  if (found.playlistIds.size < wanted.playlistIds.length) throw new NotFoundError('playlist');
}

const channelIn = ({ field, list }: GivenRegions, regionId: string): InputPath => [
  field,
  list.findIndex(({ id }) => id === regionId),
  ...['content', 'live', 'channel'],
];

/** A screen hangs where anybody may pass: it shows what any device may follow. */
function requireForScreens(venueId: string, key: string, field: InputPath): void {
  const screen: DeviceActor = { kind: 'device', deviceId: '', venueId, sessionId: '' };
  const channel = channelOfKey(key);
  if (!channel || !canFollowChannel(screen, venueId, channel))
    throw new ValidationError(
      'A screen shows the channel of the venue, or a custom one that devices may follow.',
      { field },
    );
}
