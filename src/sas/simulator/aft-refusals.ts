/** Why a simulated machine does not begin a transfer (SAS.md 10.3 and 10.4). */

import type { AFT_TYPES, AftType } from '../codec/long-polls/aft-fields.ts';
import type { AftStatus } from '../codec/long-polls/aft-status.ts';
import type { AftTransfer } from '../codec/long-polls/aft-transfer.ts';
import { hexDigits } from '../codec/text-fields.ts';
import { type CentsOfKinds, NO_KEY } from './aft-state.ts';
import { type CabinetState, meterOf } from './cabinet-state.ts';
import { type Holdings, holdingsOf, winOn } from './credits.ts';
import { isHandpayOpen } from './handpay.ts';
import { type AftClass, centsOf, creditsOfCents, type MachineSettings } from './machine-settings.ts';

export type Direction = 'TO_MACHINE' | 'BONUS_TO_MACHINE' | 'TO_TICKET' | 'TO_HOST';

export interface Directed {
  readonly direction: Direction | null;
  readonly asked: CentsOfKinds;
}

const DIRECTIONS: Readonly<Record<keyof typeof AFT_TYPES, Direction>> = {
  HOST_TO_MACHINE: 'TO_MACHINE',
  BONUS_COIN_OUT_WIN: 'BONUS_TO_MACHINE',
  BONUS_JACKPOT_WIN: 'BONUS_TO_MACHINE',
  HOST_TO_TICKET: 'TO_TICKET',
  DEBIT_TO_MACHINE: 'TO_MACHINE',
  DEBIT_TO_TICKET: 'TO_TICKET',
  MACHINE_TO_HOST: 'TO_HOST',
  WIN_TO_HOST: 'TO_HOST',
};

/** Null for a type that is in no table. */
export const directionOf = (type: AftType): Direction | null =>
  typeof type === 'number' ? null : DIRECTIONS[type];

export const isDebit = (type: AftType): boolean => type === 'DEBIT_TO_MACHINE' || type === 'DEBIT_TO_TICKET';

function classOf(type: AftType): AftClass {
  if (isDebit(type)) return 'DEBIT';
  return directionOf(type) === 'BONUS_TO_MACHINE' ? 'BONUS' : 'IN_HOUSE';
}

const LONGEST_ID = 20;

/** Null when it can begin. */
export function transferRefusal(
  state: CabinetState,
  request: AftTransfer,
  settings: MachineSettings,
): AftStatus | null {
  const { transactionId: id, assetNumber, type } = request;
  const direction = directionOf(type);
  if (direction === null || !settings.aftClasses.includes(classOf(type))) return 'BAD_FUNCTION';
  if (!id || id.length > LONGEST_ID) return 'BAD_ID';
  if (assetNumber === 0 || assetNumber !== settings.assetNumber) return 'ASSET_NUMBER_DIFFERS';
  if (state.aft.history.at(-1)?.transactionId === id) return 'ID_NOT_UNIQUE';
  return (
    registrationRefusal(state, request) ??
    lockRefusal(state, request, settings) ??
    amountRefusal(state, request, settings)
  );
}

function registrationRefusal({ aft }: CabinetState, request: AftTransfer): AftStatus | null {
  const { status, key, posId } = aft.registration;
  const isRegistered = status === 'REGISTERED' && key !== NO_KEY;
  if (isRegistered && hexDigits(request.registrationKey) !== key) return 'KEY_DIFFERS';
  if (isDebit(request.type)) {
    if (!isRegistered) return 'NOT_REGISTERED';
    if (posId === 0) return 'NO_POS_ID';
  }
  return null;
}

function lockRefusal(
  { aft }: CabinetState,
  { flags }: AftTransfer,
  { aftLockDemanded }: MachineSettings,
): AftStatus | null {
  const isDemanded = aftLockDemanded && !flags.includes('ANSWERS_CASH_OUT');
  if (!isDemanded && !flags.includes('ONLY_IF_LOCKED')) return null;
  return aft.lock?.status === 'LOCKED' ? null : 'NOT_LOCKED';
}

function amountRefusal(
  state: CabinetState,
  request: AftTransfer,
  settings: MachineSettings,
): AftStatus | null {
  const { cashable, restricted, nonrestricted } = request;
  if (cashable === null || restricted === null || nonrestricted === null) return 'BAD_AMOUNT';
  const asked = { cashable, restricted, nonrestricted };
  const total = cashable + restricted + nonrestricted;
  if (request.expiration === null) return 'BAD_AMOUNT';
  if (Object.values(asked).some((cents) => creditsOfCents(cents, settings) === null)) return 'NOT_A_MULTIPLE';
  if (total > settings.transferLimit) return 'OVER_TRANSFER_LIMIT';
  const direction = directionOf(request.type);
  if (notNow(state, { direction, asked })) return 'NOT_NOW';
  const isWhole = request.code === 'FULL';
  if (direction === 'TO_HOST') return toHostRefusal(state, { request, asked }, settings);
  if (direction === 'TO_TICKET' && !settings.printer) return 'NO_TICKET_DEVICE';
  const isOtherPool = state.restrictedCredits > 0n && request.pool !== state.restrictedPool;
  if (direction === 'TO_MACHINE' && restricted > 0n && isOtherPool) return 'OTHER_POOL';
  if (direction === 'TO_MACHINE' && isWhole && total > roomFor(state, settings)) return 'OVER_TRANSFER_LIMIT';
  return receiptRefusal(request, settings);
}

function toHostRefusal(
  state: CabinetState,
  { request, asked }: { readonly request: AftTransfer; readonly asked: CentsOfKinds },
  settings: MachineSettings,
): AftStatus | null {
  const isWhole = request.code === 'FULL';
  if (request.type === 'WIN_TO_HOST' && !isWinPending(state)) return 'NO_WON_CREDITS';
  if (!isWhole && !settings.aftPartialToHost) return 'NO_PARTIAL_TO_HOST';
  const there = takable(state, request.type);
  const isThere = (['cashable', 'restricted', 'nonrestricted'] as const).every(
    (kind) => asked[kind] <= centsOf(there[kind], settings),
  );
  return isWhole && !isThere ? 'BAD_AMOUNT' : receiptRefusal(request, settings);
}

/** Whether the player waits for the host to take a win. */
export const isWinPending = (state: CabinetState): boolean =>
  state.cashOutOf === 'WIN' && state.aft.cashOutUntilMs !== null;

/** What the host can take: everything, or a win. */
export const takable = (state: CabinetState, type: AftType): Holdings =>
  type === 'WIN_TO_HOST' ? { cashable: winOn(state), restricted: 0n, nonrestricted: 0n } : holdingsOf(state);

const receiptRefusal = ({ flags }: AftTransfer, { printer }: MachineSettings): AftStatus | null =>
  flags.includes('RECEIPT') && !printer ? 'CANNOT_PRINT_RECEIPT' : null;

/** In cents: what the credit meter has room for. */
const roomFor = (state: CabinetState, settings: MachineSettings): bigint =>
  centsOf(settings.creditLimit - meterOf(state, 'CURRENT_CREDITS'), settings);

/** Door, tilt, lock-out, handpay, tournament, a cash-out that runs: money stays where it is. */
export function notNow(state: CabinetState, { direction }: Directed): boolean {
  const isOpen = state.slotDoorOpen || state.otherOpenDoors.length > 0 || state.tilts.length > 0;
  const isTaken = state.tickets.pending !== null || state.tickets.escrow !== null;
  const isClosed = direction !== 'TO_HOST' && (state.locked || state.inMaintenance);
  return isOpen || isTaken || isClosed || isHandpayOpen(state) || state.awards.tournament !== null;
}
