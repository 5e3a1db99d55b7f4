/** What a simulated machine answers to each long poll it supports (SAS.md 6). */
import { AFT_ANSWERS } from './answers/aft.ts';
import type { Answering } from './answers/answering.ts';
import { AWARD_ANSWERS } from './answers/awards.ts';
import { CASH_ANSWERS } from './answers/cash.ts';
import { CONTROL_ANSWERS } from './answers/control.ts';
import { DENOMINATION_ANSWERS } from './answers/denominations.ts';
import { GAME_ANSWERS } from './answers/games.ts';
import { HANDPAY_ANSWERS } from './answers/handpays.ts';
import { IDENTITY_ANSWERS } from './answers/identity.ts';
import { METER_ANSWERS } from './answers/meters.ts';
import { OTHER_ANSWERS } from './answers/other.ts';
import { SELECTED_METER_ANSWERS } from './answers/selected-meters.ts';
import { TICKET_ANSWERS } from './answers/tickets.ts';
import { VALIDATION_ANSWERS } from './answers/validation.ts';

/** By poll code; a poll that is not here is met with silence. */
export const ANSWERS: ReadonlyMap<number, Answering> = new Map(
  [
    ...CONTROL_ANSWERS,
    ...METER_ANSWERS,
    ...SELECTED_METER_ANSWERS,
    ...IDENTITY_ANSWERS,
    ...GAME_ANSWERS,
    ...DENOMINATION_ANSWERS,
    ...HANDPAY_ANSWERS,
    ...CASH_ANSWERS,
    ...VALIDATION_ANSWERS,
    ...TICKET_ANSWERS,
    ...AFT_ANSWERS,
    ...AWARD_ANSWERS,
    ...OTHER_ANSWERS,
  ].map((answering) => [answering.poll.code, answering]),
);
