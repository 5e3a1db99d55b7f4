/** Polls about bills and coins (SAS.md 6.3). */
import { COUNTRY_USA } from '../../codec/denominations.ts';
import { HOPPER_STATUS, LAST_BILL } from '../../codec/long-polls/cash.ts';
import { type Answering, answering, on } from './answering.ts';

const PERCENT = 100n;

export const CASH_ANSWERS: readonly Answering[] = [
  on(LAST_BILL, ({ cabinet }) => {
    const { last } = cabinet.state.bills;
    if (last === null) return { country: 0, denomination: 0, count: 0n };
    return { country: COUNTRY_USA, ...last };
  }),
  answering(HOPPER_STATUS, ({ cabinet: { settings, state } }) => {
    const capacity = settings.coins?.hopperCapacity ?? 0n;
    const level = state.coinsInHopper;
    const answer = {
      status: level === 0n ? ('EMPTY' as const) : ('OK' as const),
      percentFull: Number((level * PERCENT) / capacity),
      level,
    };
    return { kind: 'DATA', answer };
  }),
];
