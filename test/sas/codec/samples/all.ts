import { AFT_ANSWERS, AFT_REQUESTS } from './aft.ts';
import { CASH_ANSWERS, CASH_REQUESTS } from './cash.ts';
import { CONTROL_ANSWERS, CONTROL_REQUESTS } from './control.ts';
import { GAME_ANSWERS, GAME_REQUESTS } from './games.ts';
import { JACKPOT_ANSWERS, JACKPOT_REQUESTS } from './jackpots.ts';
import { METER_ANSWERS, METER_REQUESTS } from './meters.ts';
import { OTHER_ANSWERS, OTHER_REQUESTS } from './other.ts';
import type { Sample } from './sample.ts';
import { TICKET_ANSWERS, TICKET_REQUESTS } from './tickets.ts';

export const REQUESTS: readonly Sample[] = [
  CONTROL_REQUESTS,
  CASH_REQUESTS,
  METER_REQUESTS,
  GAME_REQUESTS,
  TICKET_REQUESTS,
  AFT_REQUESTS,
  JACKPOT_REQUESTS,
  OTHER_REQUESTS,
].flat();

export const ANSWERS: readonly Sample[] = [
  CONTROL_ANSWERS,
  CASH_ANSWERS,
  METER_ANSWERS,
  GAME_ANSWERS,
  TICKET_ANSWERS,
  AFT_ANSWERS,
  JACKPOT_ANSWERS,
  OTHER_ANSWERS,
].flat();
