import { isDeepStrictEqual } from 'node:util';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { formatDecimal } from '../../src/lib/money.ts';
import type { AftDirection, AftTransferState } from '../../src/machine/aft-transfer.ts';
import { type AftBooks, openBooks } from './aft-books.ts';
import type { Moment } from './aft-relay.ts';
import type { AftSite } from './aft-site.ts';
import { eventually } from './deadline.ts';
import { ask, type Installation } from './installation.ts';

/** How the machine takes a transfer where nothing else happens. */
export const FATES = ['FULL', 'PARTIAL', 'REJECTED', 'REJECTED_LATE', 'PENDING', 'NO_ANSWER'] as const;
export type Fate = (typeof FATES)[number];

export interface AftStory {
  readonly direction: AftDirection;
  readonly fate: Fate;
  readonly moment: Moment;
  /** How much of a message of which SOME passes: from 0 to 1. */
  readonly share: number;
  readonly amountMinor: bigint;
  /** Whether its machine says nothing of it, also to the next driver, until it is openly in doubt. Of NO_ANSWER alone. */
  readonly isDoubted: boolean;
}

/** Whether such a transfer comes to that moment. */
export function comesTo({
  direction,
  fate,
  moment,
}: Pick<AftStory, 'direction' | 'fate' | 'moment'>): boolean {
  const [message = ''] = moment.split(' ');
  // Machines are locked before they give, where they would give.
  if (message.startsWith('LOCK')) return direction === 'FROM_MACHINE' && fate !== 'REJECTED';
  if (fate === 'NO_ANSWER') return ['STATUS', 'STATUS_TOLD', 'ORDER', 'ASK'].includes(message);
  // Refused at once, it is over with the answer to the order.
  if (fate === 'REJECTED')
    return !['ORDER_TOLD', 'AFTER_ORDER', 'ASK', 'ASK_TOLD'].includes(message) && moment !== 'END_TOLD NONE';
  return true;
}

const ENDS: Readonly<Record<Fate, AftTransferState>> = {
  FULL: 'SETTLED',
  PARTIAL: 'PARTIALLY_SETTLED',
  REJECTED: 'REJECTED',
  REJECTED_LATE: 'REJECTED',
  PENDING: 'SETTLED',
  NO_ANSWER: 'SETTLED',
};

/**
 * What is on record as sent and was not heard by the machine never happened, whatever would have come of it; nor did
 * what the machine refused at once, if that was not heard: it does not keep such transfers.
 */
function endOf({ fate, moment }: AftStory): AftTransferState {
  if (moment === 'ORDER NONE' || moment === 'ORDER SOME') return 'CANCELLED';
  const isUntold = moment === 'ORDER ALL' || moment === 'END_TOLD SOME';
  return fate === 'REJECTED' && isUntold ? 'CANCELLED' : ENDS[fate];
}

/** What is on record at that moment: each step is, before another byte is sent for the sake of it. */
function stateAt({ direction, fate, moment }: AftStory): AftTransferState {
  if (moment.startsWith('STATUS')) return direction === 'TO_MACHINE' ? 'FUNDS_HELD' : 'CREATED';
  if (moment.startsWith('LOCK')) return 'LOCK_PENDING';
  if (moment.startsWith('AFTER_END')) return ENDS[fate];
  if (moment.startsWith('ORDER') || fate === 'REJECTED' || fate === 'NO_ANSWER') return 'SENT';
  return 'PENDING_ON_MACHINE';
}

/** What is on record of a transfer, one after the other; how it ends is the last. */
const STEPS: readonly AftTransferState[] = [
  'CREATED',
  'FUNDS_HELD',
  'LOCK_PENDING',
  'SENT',
  'PENDING_ON_MACHINE',
];

/**
 * Whether a host is behind what its cable has carried: one that is kept from its processor hears an answer too late, and
 * asks once more. Cut there, the transfer goes on from what it has on record.
 */
const isBehind = (state: AftTransferState | undefined, due: AftTransferState): boolean =>
  state !== undefined &&
  STEPS.includes(state) &&
  (!STEPS.includes(due) || STEPS.indexOf(state) < STEPS.indexOf(due));

export interface StoryPlace {
  readonly installation: Installation;
  readonly site: AftSite;
  /** Of who may order transfers. */
  readonly token: string;
}

const WAIT = { deadlineMs: 90_000 };
/** What a machine has no room for, or does not have. */
const TOO_MUCH_MINOR = 5_000n;
/** The least a machine has before a transfer; a bill brings it. */
const STOCK_MINOR = 2_000n;
const BILL = 100n;

/** How a story went. */
export interface Played {
  /** What is wrong; nothing if all is well. */
  readonly faults: readonly string[];
  /** Whether it came to the moment it is of, not to one before. */
  readonly isToldAsIs: boolean;
}

/** Orders a transfer, has its site die at that moment and recover. */
export async function play(place: StoryPlace, story: AftStory): Promise<Played> {
  const { site } = place;
  const faults: string[] = [];
  const note = async (when: string, found: Promise<readonly string[]>) => {
    for (const fault of await found) faults.push(`${when}, ${fault}`);
  };
  if (site.meter('CURRENT_CREDITS') < STOCK_MINOR) site.egm.insertBill(BILL);
  const books = await openBooks({ ...place.installation, site });
  const request = requestOf(place, story);
  const key = newId();

  beginFate(site, story);
  site.relay.cutAt({
    ...story,
    onCut: site.die,
    onOrdered: () => story.fate === 'REJECTED_LATE' && site.egm.openDoor(),
  });
  let early: Answer | null = null;
  // Who is killed does not answer.
  const asked = start(place, key, request).catch(() => null);
  void asked.then((answer) => {
    early = answer;
  });
  await eventually(async () => {
    if (isBehindTheGame(story)) await endGameOnceWaitedFor(site, books);
    return site.relay.isCut || early;
  }, WAIT);
  if (!site.relay.isCut) throw new Error(`it did not come to that: ${JSON.stringify(early)}`);
  await site.dead();
  const wasBehind = isBehind((await books.transfer())?.state, stateAt(story));
  await note('dead', wasBehind ? books.faults() : faultsAtDeath(story, books));

  site.relay.deafen(story.isDoubted);
  await site.recover();
  if (story.isDoubted) {
    await comeIntoDoubt(place, books);
    await note('in doubt', books.faults());
    site.relay.deafen(false);
  }
  await eventually(async () => {
    await endGameOnceWaitedFor(site, books);
    return (await books.transfer())?.finishedAt;
  }, WAIT);
  await note('recovered', books.faults());
  site.egm.endGame();
  site.egm.closeDoor();
  const due = (await isLost(books)) ? 'CANCELLED' : endOf(story);
  await note(
    'recovered',
    faultsOfEnd({ story, due, books, first: await asked, again: await start(place, key, request) }),
  );
  await note('afterwards', faultsOfWayBack(place, books));
  return { faults, isToldAsIs: !wasBehind && due === endOf(story) };
}

/** By which a story is found again. */
export const titleOf = ({ direction, fate, moment, isDoubted }: AftStory): string =>
  `${direction} ${fate} ${moment}${isDoubted ? ' in doubt' : ''}`;

interface Request {
  readonly walletId: string;
  readonly machineId: string;
  readonly direction: AftDirection;
  readonly amount: string;
  readonly currency: 'USD';
  readonly allowPartial: boolean;
}

function requestOf({ site }: StoryPlace, { direction, fate, amountMinor }: AftStory): Request {
  const credits = site.meter('CURRENT_CREDITS');
  const most = direction === 'TO_MACHINE' ? site.egm.settings.creditLimit - credits : credits;
  return transferOf(site, {
    direction,
    amountMinor: fate === 'PARTIAL' ? most + TOO_MUCH_MINOR : amountMinor,
    allowPartial: fate === 'PARTIAL',
  });
}

const transferOf = (
  { walletId, machineId }: AftSite,
  { amountMinor, ...terms }: Pick<AftStory, 'direction' | 'amountMinor'> & Pick<Request, 'allowPartial'>,
): Request => ({
  ...terms,
  walletId: encodeGlobalId('Wallet', walletId),
  machineId: encodeGlobalId('Machine', machineId),
  amount: formatDecimal({ amountMinor, currency: 'USD' }),
  currency: 'USD',
});

function beginFate({ egm, relay }: AftSite, { fate }: AftStory): void {
  if (fate === 'REJECTED') egm.openDoor();
  if (fate === 'PENDING') egm.startGame({ wager: 10n, win: 10n });
  relay.deafen(fate === 'NO_ANSWER');
}

/** What goes to a machine waits there for the game, and what comes from it waits for the lock. */
const isBehindTheGame = ({ direction, moment }: AftStory): boolean =>
  direction === 'TO_MACHINE' ? moment.includes('END') : !/STATUS|LOCK/.test(moment);

/** The game that is in the way of a transfer goes on until it is on record that the transfer waits for it. */
async function endGameOnceWaitedFor({ egm }: AftSite, books: AftBooks): Promise<void> {
  const state = (await books.transfer())?.state;
  if (state === 'PENDING_ON_MACHINE' || state === 'LOCK_PENDING') egm.endGame();
}

/** As if a minute had gone by since the last that was heard of it. */
async function comeIntoDoubt({ installation: { db } }: StoryPlace, books: AftBooks): Promise<void> {
  await eventually(async () => {
    const transfer = await books.transfer();
    if (transfer?.state === 'SENT')
      await db
        .updateTable('aft_transfer')
        .set({ changed_at: new Date(Date.now() - 61_000) })
        .where('id', '=', transfer.id)
        .where('state', '=', 'SENT')
        .execute();
    return transfer?.state === 'IN_DOUBT' && transfer.doubt === 'NO_ANSWER';
  }, WAIT);
}

/** What the API says of a transfer; the code of an error. */
interface Answer {
  readonly id: string | null;
  readonly state: string | null;
  readonly code: string | null;
}

async function start({ site, token }: StoryPlace, idempotencyKey: string, request: Request): Promise<Answer> {
  const { data } = await ask(
    site.server(),
    `mutation ($input: StartAftTransferInput!) { answer: startAftTransfer(input: $input) {
      ... on StartAftTransferSuccess { transfer { id state } } ... on Error { code } } }`,
    { token, input: { ...request, idempotencyKey } },
  );
  const { transfer, code = null } = data.answer;
  return {
    id: transfer ? decodeIdOf('AftTransfer', transfer.id) : null,
    state: transfer?.state ?? null,
    code,
  };
}

async function faultsAtDeath(story: AftStory, books: AftBooks): Promise<readonly string[]> {
  const state = (await books.transfer())?.state;
  const due = stateAt(story);
  return [...(state === due ? [] : [`it is ${state} instead of ${due}`]), ...(await books.faults())];
}

/**
 * Whether the machine said after all that there was no such order: where it is kept from its processor it takes a pause
 * within a message for its end. Then nothing has moved, which the books tell.
 */
async function isLost(books: AftBooks): Promise<boolean> {
  const transfer = await books.transfer();
  return transfer?.state === 'CANCELLED' && transfer.failure?.code === 'SAS_002';
}

interface End {
  readonly story: AftStory;
  /** How it is to end. */
  readonly due: AftTransferState;
  readonly books: AftBooks;
  /** What who ordered it was told, where he was; and what he is told when he asks again. */
  readonly first: Answer | null;
  readonly again: Answer;
}

/** Asked for again by the key of its order, it is the same transfer still. */
async function faultsOfEnd({ story, due, books, first, again }: End): Promise<readonly string[]> {
  const transfer = await books.transfer();
  const isMoved = due === 'SETTLED' || due === 'PARTIALLY_SETTLED';
  const told: Answer = isMoved
    ? { id: transfer?.id ?? null, state: due, code: null }
    : { id: null, state: null, code: transfer?.failure?.code ?? null };
  const checks: readonly (readonly [boolean, string])[] = [
    [
      transfer?.state === due,
      `it is ${transfer?.state} (${JSON.stringify(transfer?.failure)}) instead of ${due}`,
    ],
    [isDeepStrictEqual(again, told), `asked again it is ${JSON.stringify(again)}`],
    [
      first === null || first.id === again.id || (story.isDoubted && first.code === 'SAS_007'),
      `the first answer was ${JSON.stringify(first)}`,
    ],
  ];
  return checks.flatMap(([isSo, fault]) => (isSo ? [] : [fault]));
}

/** What moved goes back undisturbed, so that the machine takes transfers as before. */
async function faultsOfWayBack(place: StoryPlace, books: AftBooks): Promise<readonly string[]> {
  const { site } = place;
  const transfer = await books.transfer();
  if (!transfer?.movedMinor) return [];
  const direction = transfer.direction === 'TO_MACHINE' ? 'FROM_MACHINE' : 'TO_MACHINE';
  const back = await openBooks({ ...place.installation, site });
  const wayBack = transferOf(site, { direction, amountMinor: transfer.movedMinor, allowPartial: false });
  // A machine that is asked while it still does something else refuses it for now.
  const answer = await eventually(async () => {
    const said = await start(place, newId(), wayBack);
    return said.code !== 'SAS_004' && said;
  }, WAIT);
  return [
    ...(answer.state === 'SETTLED' ? [] : [`the way back is ${JSON.stringify(answer)}`]),
    ...(await back.faults()),
  ];
}
