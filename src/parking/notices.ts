import type { LoggedEvent } from '../events/events.ts';
import { formatMoney } from '../lib/money.ts';
import { formatInstant, formatSpan } from '../lib/time.ts';
import type { Notice, NoticeRules, Telling } from '../notification/notice.ts';
import type { ReservationEventType, ReservationSnapshot } from './events.ts';
import { findLotsByIds } from './lot-store.ts';
import type { SettlementWay } from './session.ts';

/** A lot whose last place is taken and left by turns is told to be full once in this time. */
const QUIET_MS = 15 * 60_000;

/** What people are told of where they park; and who wants to know, of lots that are full. */
export const PARKING_NOTICES: NoticeRules = {
  'parking.lot-filled': async ({ venueId, payload: { lotId, capacity } }, telling) => {
    const since = new Date(telling.now.getTime() - QUIET_MS);
    if (!(await telling.isNews(lotId, since))) return null;
    return {
      to: 'EVERYBODY',
      type: 'PARKING_LOT',
      severity: 'WARNING',
      message: `${await nameOf(venueId, lotId, telling)} is full.`,
      data: { lotId, status: 'FULL', capacity, free: 0 },
    };
  },
  'parking.reservation-made': (event, telling) =>
    ofReservation(event, telling, { severity: 'SUCCESS', say: (what) => `Reserved: ${what}.` }),
  'parking.reservation-extended': (event, telling) =>
    ofReservation(event, telling, { severity: 'SUCCESS', say: (what) => `Extended: ${what}.` }),
  'parking.reservation-delayed': (event, telling) =>
    ofReservation(event, telling, {
      severity: 'CRITICAL',
      say: (what) => `Your place is still taken by a car that stays too long, and is kept for you: ${what}.`,
    }),
  'parking.reservation-cancelled': (event, telling) =>
    ofReservation(event, telling, {
      severity: 'WARNING',
      say: (what) => `Cancelled: ${what}.${reasonOf(event.payload)}`,
    }),
  'parking.reservation-checked-in': (event, telling) =>
    ofReservation(event, telling, { severity: 'SUCCESS', say: (what) => `Parked: ${what}.` }),
  'parking.reservation-completed': (event, telling) =>
    ofReservation(event, telling, { severity: 'INFO', say: (what) => `Over: ${what}.` }),
  'parking.reservation-expired': (event, telling) =>
    ofReservation(event, telling, { severity: 'WARNING', say: (what) => `Nobody came: ${what}.` }),
  'parking.reservation-no-show-marked': (event, telling) =>
    ofReservation(event, telling, {
      severity: 'WARNING',
      say: (what) => `Nobody came in time, and the place is given to others: ${what}.`,
    }),
  'parking.session-overdue': async ({ venueId, payload }, telling) => {
    const { parkingSessionId, parkingReservationId, lotId, spaceId, userId, until } = payload;
    if (userId === null) return null;
    const name = await nameOf(venueId, lotId, telling);
    const end = formatInstant(new Date(until), (await telling.venue()).timeZone);
    return {
      to: { userIds: [userId] },
      type: 'RESERVATION',
      severity: 'CRITICAL',
      message: `Your time at ${name} was over at ${end}, and your car still stands there.`,
      data: { parkingSessionId, parkingReservationId, lotId, spaceId, until, status: 'OVERDUE' },
    };
  },
  'parking.session-ended': async ({ venueId, payload }, telling) => {
    const { parkingSessionId, parkingReservationId, lotId, spaceId, userId, currency } = payload;
    const { chargeMinor, paidMinor } = payload;
    if (userId === null || chargeMinor === null) return null;
    const [charge, paid] = [BigInt(chargeMinor), BigInt(paidMinor ?? 0)];
    const textOf = (amountMinor: bigint) => formatMoney({ amountMinor, currency }, 'en-US');
    const due = charge > paid ? ` ${textOf(charge - paid)} of it is still to be paid.` : '';
    const name = await nameOf(venueId, lotId, telling);
    return {
      to: { userIds: [userId] },
      type: 'RESERVATION',
      severity: due === '' ? 'INFO' : 'WARNING',
      message: `Your stay at ${name} has ended. It costs ${textOf(charge)}.${due}`,
      data: {
        parkingSessionId,
        parkingReservationId,
        lotId,
        spaceId,
        chargeMinor,
        paidMinor,
        currency,
        status: 'ENDED',
      },
    };
  },
  'parking.session-settled': async ({ venueId, payload }, telling) => {
    const { parkingSessionId, parkingReservationId, lotId, spaceId, userId, currency } = payload;
    const { settledMinor, settledHow } = payload;
    if (userId === null) return null;
    const amount = formatMoney({ amountMinor: BigInt(settledMinor), currency }, 'en-US');
    const name = await nameOf(venueId, lotId, telling);
    return {
      to: { userIds: [userId] },
      type: 'RESERVATION',
      severity: 'INFO',
      message: `Of your stay at ${name} nothing is to be paid any more: ${amount} ${SETTLED[settledHow]}.`,
      data: {
        parkingSessionId,
        parkingReservationId,
        lotId,
        spaceId,
        settledMinor,
        settledHow,
        currency,
        status: 'SETTLED',
      },
    };
  },
};

const SETTLED: Readonly<Record<SettlementWay, string>> = {
  CASH: 'was taken in cash',
  CARD: 'was taken by card',
  WAIVED: 'is waived',
};

interface Wording {
  readonly severity: Notice['severity'];
  readonly say: (what: string) => string;
}

async function ofReservation(
  { venueId, payload }: LoggedEvent<ReservationEventType>,
  telling: Telling,
  { severity, say }: Wording,
): Promise<Notice> {
  const { parkingReservationId, lotId, spaceId, userId, startsAt, endsAt, status } = payload;
  const span = formatSpan(new Date(startsAt), new Date(endsAt), (await telling.venue()).timeZone);
  return {
    to: { userIds: [userId] },
    type: 'RESERVATION',
    severity,
    message: say(`${await nameOf(venueId, lotId, telling)}, ${span}`),
    data: { parkingReservationId, lotId, spaceId, startsAt, endsAt, status },
  };
}

async function nameOf(venueId: string, lotId: string, { tx, now }: Telling): Promise<string> {
  const [lot] = await findLotsByIds(tx, venueId, { ids: [lotId], now });
  return lot?.name ?? 'A lot';
}

const reasonOf = ({ cancelReason }: ReservationSnapshot): string =>
  cancelReason === null ? '' : ` Reason: ${cancelReason}`;
