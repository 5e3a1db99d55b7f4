import { minorOfCents } from '../lib/money.ts';
import { BILL_ACCEPTED_TYPES, type MachineEvent, type MachineEventType } from './machine-event.ts';

/** Whether a machine offers the host what a player cashes out, and what it does when the host does not take it. */
export type HostCashOut = 'OFF' | 'SOFT' | 'HARD';

/** Why a transfer is there: somebody ordered it, or the machine asked to have its credits, or a win, taken. */
export type AftCause = 'ORDER' | 'CASH_OUT' | 'WIN_CASH_OUT';

/** What a machine asks for by its exceptions 6A and 6B. */
export const CAUSE_OF_REQUEST = {
  AFT_CASH_OUT_REQUESTED: 'CASH_OUT',
  AFT_WIN_REQUESTED: 'WIN_CASH_OUT',
} as const satisfies Partial<Record<MachineEventType, AftCause>>;

export type CashOutRequestType = keyof typeof CAUSE_OF_REQUEST;

/** Later, a machine has paid by itself or asks again (SAS.md 10.5: nobody says when). */
export const REQUEST_MS = 10_000;
/** So long one that is ordered may take to be sent. */
export const SEND_MS = 5_000;
/** Whoever brought money a day ago is not there any more. */
export const BOUND_MS = 24 * 60 * 60_000;

/** With these a machine got money that may be somebody else's, or gave away what it had. */
export const ENDING_TYPES: readonly MachineEventType[] = [
  ...BILL_ACCEPTED_TYPES,
  'TICKET_INSERTED',
  'TICKET_TRANSFER_COMPLETE',
  'CASH_OUT_TICKET_PRINTED',
];

/** How far the clock of a driver may be behind that of the database; and a button before what it asks for. */
const SLACK_MS = 5_000;

export const eventsSince = (sentAt: Date): Date => new Date(sentAt.getTime() - SLACK_MS);

/**
 * Whether the money a machine asks to have taken is still that of whoever brought some last, by what it told since
 * `eventsSince` that was sent: nothing else was put in, and nothing was cashed out before without asking. Not before the button was
 * told as well: requests overtake what happened earlier, the button does not (SAS.md 9.1).
 */
export function isStillHis({
  servedAt,
  request,
  events,
}: {
  /** When the last money he brought was sent, long before it was booked perhaps; or the last win the host took of him was booked. */
  readonly servedAt: Date;
  readonly request: Pick<MachineEvent, 'occurredAt'>;
  readonly events: readonly Pick<MachineEvent, 'type' | 'occurredAt'>[];
}): boolean {
  if (request.occurredAt <= servedAt) return false;
  if (events.some(({ type }) => ENDING_TYPES.includes(type))) return false;
  const later = events.filter(({ occurredAt }) => occurredAt > servedAt);
  // A machine that waits for the host asks again without a button.
  const asked = later.filter(({ type }) => type in CAUSE_OF_REQUEST);
  const first = Math.min(...[request, ...asked].map(({ occurredAt }) => occurredAt.getTime()));
  const pressed = later.filter(({ type }) => type === 'CASH_OUT_PRESSED');
  return pressed.length > 0 && pressed.every(({ occurredAt }) => occurredAt.getTime() >= first - SLACK_MS);
}

/** As much of these cents as is a whole number of minor units. */
export function wholeMinorOfCents(cents: bigint, currency: string): { cents: bigint; amountMinor: bigint } {
  const exact = minorOfCents(cents, currency);
  if (exact !== null) return { cents, amountMinor: exact };
  const whole = cents - (cents % 100n);
  return { cents: whole, amountMinor: minorOfCents(whole, currency) ?? 0n };
}
