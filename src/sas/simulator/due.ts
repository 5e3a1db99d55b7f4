/** What a simulated machine does when its time has come, without anybody asking. */
import { transferDue } from './aft.ts';
import { lockEnded, lockObtained } from './aft-lock.ts';
import type { CabinetState } from './cabinet-state.ts';
import { hostCashOutOver, validationRefused } from './cash-out.ts';
import type { Moment } from './machine-clock.ts';
import type { MachineSettings } from './machine-settings.ts';
import { ticketNotStacked, ticketReturned, ticketStacked } from './redemption.ts';
import { withTournament } from './tournament.ts';

interface Context {
  readonly settings: MachineSettings;
  readonly moment: Moment;
}

/** When the next thing is due, in milliseconds of the epoch; null when nothing is. What a game holds up is not. */
export function nextDueMs({ aft, awards, game, tickets }: CabinetState): number | null {
  const times = [
    tickets.pending?.untilMs,
    tickets.escrow?.untilMs,
    tickets.redemption?.dueAtMs,
    game === null ? aft.current?.dueAtMs : null,
    game === null && aft.lock?.status === 'PENDING' ? 0 : null,
    aft.lock?.untilMs,
    aft.cashOutUntilMs,
    game === null ? awards.tournament?.untilMs : null,
  ].filter((time) => time !== null && time !== undefined);
  return times.length === 0 ? null : Math.min(...times);
}

/** The state with everything done that is due by now. */
export function dueDone(state: CabinetState, context: Context): CabinetState {
  const { settings, moment } = context;
  const isDue = (time: number | null | undefined) => typeof time === 'number' && time <= moment.ms;
  let next = state;
  if (isDue(next.tickets.pending?.untilMs)) next = validationRefused(next, settings);
  if (isDue(next.tickets.escrow?.untilMs)) next = ticketReturned(next);
  if (isDue(next.tickets.redemption?.dueAtMs)) next = stackedIfPossible(next, settings);
  if (isDue(next.aft.current?.dueAtMs)) next = transferDue(next, context);
  next = lockObtained(next);
  if (isDue(next.aft.lock?.untilMs)) next = lockEnded(next);
  if (isDue(next.aft.cashOutUntilMs)) next = hostCashOutOver(next, context);
  if (next.game === null && isDue(next.awards.tournament?.untilMs)) next = withTournament(next, null);
  return next;
}

/** A door that was opened meanwhile, or a tilt, brings the ticket out again. */
const stackedIfPossible = (state: CabinetState, settings: MachineSettings): CabinetState =>
  state.slotDoorOpen || state.tilts.length > 0
    ? ticketNotStacked(state, 'NOT_NOW')
    : ticketStacked(state, settings);

/** The host is gone: what it controls ends, and a ticket it has not decided on comes out (SAS.md 5.5). */
export function linkLost(state: CabinetState): CabinetState {
  const free = lockEnded(state.tickets.escrow === null ? state : ticketReturned(state));
  return free.aft.hostCashOut === 'OFF' ? free : { ...free, aft: { ...free.aft, hostCashOut: 'OFF' } };
}
