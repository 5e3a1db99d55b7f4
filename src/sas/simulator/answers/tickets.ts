/** Polls about tickets a player puts in, and about what is printed on tickets (SAS.md 6.5 and 11). */
import * as texts from '../../codec/long-polls/ticket-texts.ts';
import { REDEEM_TICKET, TICKET_IN_ESCROW, type TicketData } from '../../codec/long-polls/tickets.ts';
import type { Cabinet } from '../cabinet.ts';
import { decided, redemptionRead } from '../redemption.ts';
import type { Redemption } from '../ticket-state.ts';
import { type Answering, answering } from './answering.ts';

const ticketOf = (data: string, cents: bigint): TicketData => ({ cents, parsing: 'BCD', data });

const inEscrow = answering(TICKET_IN_ESCROW, ({ cabinet: { state } }) => {
  const { escrow } = state.tickets;
  if (escrow === null) return { kind: 'DATA', answer: { status: 'NONE' as const, ticket: null } };
  // Only the host knows what a ticket is worth.
  return { kind: 'DATA', answer: { status: 'IN_ESCROW' as const, ticket: ticketOf(escrow.barcode, 0n) } };
});

/** What became of a ticket, and reading it once it is final. */
function told({ barcode, cents, status, dueAtMs, read }: Redemption) {
  const answer = { status, ticket: ticketOf(barcode, cents) };
  const isNews = dueAtMs === null && !read;
  return { kind: 'DATA', answer, acknowledged: isNews ? redemptionRead : undefined } as const;
}

const redeem = answering(REDEEM_TICKET, (machine, request) => {
  const { cabinet } = machine;
  const { settings, state } = cabinet;
  if (request.code === 'STATUS_QUERY') {
    const { redemption } = state.tickets;
    if (redemption === null)
      return { kind: 'DATA', answer: { status: 'NOTHING_TO_REPORT' as const, ticket: null } };
    return told(redemption);
  }
  const decision = decided(state, request, { settings, nowMs: machine.now().ms });
  cabinet.commit(decision.state);
  const { redemption } = decision.state.tickets;
  if (redemption?.status === decision.status && redemption.barcode === request.data) return told(redemption);
  const { cents, parsing, data } = request;
  return { kind: 'DATA', answer: { status: decision.status, ticket: { cents: cents ?? 0n, parsing, data } } };
});

/** The state of the cabinet with texts of tickets set, by name. */
function withTexts(cabinet: Cabinet, given: Readonly<Record<string, string>>): void {
  const { state } = cabinet;
  cabinet.commit({ ...state, tickets: { ...state.tickets, texts: { ...state.tickets.texts, ...given } } });
}

const ticketText = answering(texts.TICKET_TEXT, ({ cabinet }, request) => {
  withTexts(cabinet, Object.fromEntries(request.texts.map(({ code, text }) => [`ticket.${code}`, text])));
  return { kind: 'DATA', answer: { result: 'ACCEPTED' as const } };
});

const ticketData = answering(texts.TICKET_DATA, ({ cabinet }, request) => {
  withTexts(cabinet, {
    'ticket.LOCATION': request.location,
    'ticket.ADDRESS_1': request.address1,
    'ticket.ADDRESS_2': request.address2,
    'ticket.HOST_ID': String(request.hostId),
  });
  const { state } = cabinet;
  cabinet.commit({ ...state, tickets: { ...state.tickets, cashableDays: request.expirationDays } });
  return { kind: 'DATA', answer: { result: 'ACCEPTED' as const } };
});

const receiptText = answering(texts.AFT_RECEIPT_TEXT, ({ cabinet }, request) => {
  withTexts(cabinet, Object.fromEntries(request.texts.map(({ code, text }) => [`receipt.${code}`, text])));
  return { kind: 'DATA', answer: null };
});

const AFT_TEXT_NAMES = ['LOCATION', 'ADDRESS_1', 'ADDRESS_2', 'GRAPHICS', 'TITLE'] as const;

const aftTicketText = answering(texts.AFT_TICKET_TEXT, ({ cabinet }, request) => {
  const names =
    request.action === 'CLEAR_ALL' ? AFT_TEXT_NAMES.map((code) => ({ code, text: '' })) : request.texts;
  withTexts(cabinet, Object.fromEntries(names.map(({ code, text }) => [`aft.${code}`, text])));
  const stored = AFT_TEXT_NAMES.filter((name) => cabinet.state.tickets.texts[`aft.${name}`]);
  return { kind: 'DATA', answer: { stored } };
});

export const TICKET_ANSWERS: readonly Answering[] = [
  inEscrow,
  redeem,
  ticketText,
  ticketData,
  receiptText,
  aftTicketText,
];
