import { NotFoundError, NotOwnerError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import {
  type DiscoveredAddress,
  identityOf,
  type Sighting,
  saysNothing,
  saysTheSame,
} from './discovered-address.ts';
import {
  findDiscoveredAddress,
  forgetLost,
  listDiscoveredAddresses,
  markMissed,
  saveDiscoveredAddress,
} from './discovered-address-store.ts';
import { type Discovery, type GivenRange, parseRange, stateOfDiscovery, totalOf } from './discovery.ts';
import { findDiscovery, markProgress, markStarted, saveDiscovery } from './discovery-store.ts';
import { LineUnavailableError } from './errors.ts';
import { canConfigureMachines, canSeeMachines } from './policy.ts';
import { lockLine } from './registry-store.ts';
import { listMachinesOfLine } from './store.ts';

export interface DiscoveryRequest extends GivenRange {
  /** Of the search, if there has to be a new one. */
  readonly id: string;
  readonly venueId: string;
  readonly lineId: string;
  /** How long it may take until somebody begins it. */
  readonly timeoutMs: number;
}

/**
 * Has the driver of a line look for machines where none is registered. One that is under way stays, whatever it
 * looks at.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError; LineUnavailableError for a line that is down
 */
export async function requestDiscovery(work: Work, request: DiscoveryRequest): Promise<Discovery> {
  const { actor, now, tx } = work;
  const { id, venueId, lineId } = request;
  const line = canSeeMachines(actor, venueId) ? await lockLine(tx, venueId, lineId) : null;
  if (!line) throw new NotFoundError('line');
  if (!canConfigureMachines(actor, venueId)) throw new NotOwnerError('look for machines');
  const range = parseRange(request);
  if (line.state === 'DOWN') throw new LineUnavailableError(line);

  const last = await findDiscovery(tx, { venueId, lineId });
  if (last && stateOfDiscovery(last) !== 'FINISHED') return last;
  const discovery: Discovery = {
    ...range,
    id,
    venueId,
    lineId,
    requestedAt: now,
    expiresAt: new Date(now.getTime() + request.timeoutMs),
    startedAt: null,
    finishedAt: null,
    asked: 0,
  };
  await saveDiscovery(tx, discovery);
  work.emit({ type: 'machine.discovery-requested', venueId, lineId, ...range });
  return discovery;
}

/** Puts on record that the driver of the line begins. Null when that is known, or it is too late. */
export async function startDiscovery(work: Work, { id, venueId }: Discovery): Promise<Discovery | null> {
  const started = await markStarted(work.tx, { id, venueId }, work.now);
  if (started) work.emit({ type: 'machine.discovery-started', venueId, ...rangeOf(started) });
  return started;
}

/** @param asked as `Discovery.asked` */
export async function recordDiscoveryProgress(
  work: Work,
  { id, venueId }: Discovery,
  asked: number,
): Promise<void> {
  const running = await markProgress(work.tx, { id, venueId }, { asked });
  if (!running) return;
  const { lineId } = running;
  work.emit({ type: 'machine.discovery-progressed', venueId, lineId, asked, total: totalOf(running) });
}

/**
 * Puts on record what a search found, also what a sighting of its own was to say. Whoever did not answer is marked, and
 * forgotten when that was so before and nothing was heard of it meanwhile.
 */
export async function finishDiscovery(
  work: Work,
  { id, venueId, lineId }: Discovery,
  found: readonly Sighting[],
): Promise<void> {
  const finished = await markProgress(work.tx, { id, venueId }, { finishedAt: work.now });
  if (!finished) return;
  for (const sighting of found) await recordSighting(work, { venueId, lineId }, sighting);
  await forgetLost(work.tx, finished);
  const missed = await markMissed(work.tx, finished, work.now);
  const answered = (await listDiscoveredAddresses(work.tx, venueId, [lineId])).filter(
    ({ answeredAt }) => answeredAt && finished.startedAt && answeredAt >= finished.startedAt,
  );
  work.emit({
    type: 'machine.discovery-finished',
    venueId,
    ...rangeOf(finished),
    found: answered.map(({ address }) => address),
    missed,
  });
}

/** Puts on record who was heard at an address, unless a machine is registered there by now, or the line was removed. */
export async function recordSighting(
  work: Work,
  { venueId, lineId }: Pick<DiscoveredAddress, 'venueId' | 'lineId'>,
  sighting: Sighting,
): Promise<void> {
  const { tx, now } = work;
  const { address, by } = sighting;
  // Nobody registers a machine there meanwhile.
  if (!(await lockLine(tx, venueId, lineId))) return;
  const machines = await listMachinesOfLine(tx, venueId, lineId);
  if (machines.some((machine) => machine.address === address)) return;

  const known = await findDiscoveredAddress(tx, { venueId, lineId, address });
  const answers = by === 'SCAN';
  const identity = identityOf(known && saysNothing(sighting) ? known : sighting);
  await saveDiscoveredAddress(tx, {
    ...identity,
    venueId,
    lineId,
    address,
    firstHeardAt: known?.firstHeardAt ?? now,
    lastHeardAt: now,
    answeredAt: answers ? now : (known?.answeredAt ?? null),
    missedAt: answers ? null : (known?.missedAt ?? null),
  });
  const isNews = !known || !saysTheSame(known, identity) || (answers && known.missedAt !== null);
  if (isNews) work.emit({ type: 'machine.address-discovered', venueId, lineId, address, by, ...identity });
}

const rangeOf = ({ lineId, fromAddress, toAddress }: Discovery) => ({ lineId, fromAddress, toAddress });
