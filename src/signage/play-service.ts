import { NotFoundError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import { isPlausible, type Play, type PlayOutcome, parseBatch, type ReportedPlay } from './play.ts';
import { findDeviceSince, findMediaNames, findShowables, insertPlays, type Showable } from './play-store.ts';
import { isDevice } from './policy.ts';

export interface ReportPlays {
  readonly venueId: string;
  readonly deviceId: string;
  /** The device's own number of this report. */
  readonly batchId: string;
  readonly plays: readonly ReportedPlay[];
}

/**
 * Puts on record what a device showed, each play once however often it is told: what is there stays as it was told
 * first. Gives what became of each, in their order.
 *
 * @throws ValidationError, NotFoundError
 */
export async function reportPlays(work: Work, input: ReportPlays): Promise<readonly PlayOutcome[]> {
  const { tx, now, actor } = work;
  const { venueId, deviceId, batchId, plays } = input;
  parseBatch(batchId, plays);
  const deviceSince = isDevice(actor, input) ? await findDeviceSince(tx, venueId, deviceId) : null;
  if (!deviceSince) throw new NotFoundError('device');
  const showables = new Map(
    (await findShowables(tx, venueId, plays)).map((showable) => [keyOf(showable), showable]),
  );
  const mediaNames = await findMediaNames(
    tx,
    venueId,
    plays.flatMap(({ mediaId }) => mediaId ?? []),
  );
  const judged = plays.map((play) => {
    const showable = showables.get(keyOf(play));
    if (!isPlausible(play, { now, deviceSince })) return 'WRONG_CLOCK';
    if (!showable) return 'UNKNOWN_LAYOUT';
    const regionName = play.regionId === null ? null : showable.regionNames.get(play.regionId);
    if (regionName === undefined) return 'UNKNOWN_REGION';
    const mediaName = play.mediaId === null ? null : mediaNames.get(play.mediaId);
    if (mediaName === undefined) return 'UNKNOWN_MEDIA';
    return toPlay(play, { layoutName: showable.name, regionName, mediaName }, { input, now });
  });
  const known = judged.filter((play) => typeof play === 'object');
  const recorded = await insertPlays(tx, known);
  announce(
    work,
    input,
    known.filter(({ playId }) => recorded.has(playId)),
  );
  const told = new Set<string>();
  return judged.map((play) => {
    if (typeof play === 'string') return play;
    const isFirst = recorded.has(play.playId) && !told.has(play.playId);
    told.add(play.playId);
    return isFirst ? 'RECORDED' : 'REPEATED';
  });
}

function announce(work: Work, { venueId, deviceId, batchId }: ReportPlays, recorded: readonly Play[]): void {
  if (recorded.length === 0) return;
  const times = recorded.map(({ startedAt }) => startedAt.getTime());
  work.emit({
    type: 'signage.plays-reported',
    venueId,
    deviceId,
    batchId,
    recorded: new Set(recorded.map(({ playId }) => playId)).size,
    from: new Date(Math.min(...times)).toISOString(),
    to: new Date(Math.max(...times)).toISOString(),
  });
}

const toPlay = (
  play: ReportedPlay,
  names: Pick<Play, 'layoutName' | 'regionName' | 'mediaName'>,
  { input, now }: { readonly input: ReportPlays; readonly now: Date },
): Play => ({
  ...play,
  ...names,
  id: newId(),
  venueId: input.venueId,
  deviceId: input.deviceId,
  batchId: input.batchId,
  reportedAt: now,
});

const keyOf = ({ layoutId, revision }: Pick<Showable, 'layoutId' | 'revision'>): string =>
  `${layoutId}@${revision}`;
