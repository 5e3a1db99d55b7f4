/** Commands that take more than one poll, or the same in two ways. */
import type { AnswerOf } from '../codec/long-poll.ts';
import { ENABLE_GAME } from '../codec/long-polls/games.ts';
import { HANDPAY_RESET_METHOD, RESET_HANDPAY } from '../codec/long-polls/handpay.ts';
import { MULTI_DENOMINATION } from '../codec/long-polls/multi-denomination.ts';
import type { SasHost } from './host.ts';
import type { CommandResult } from './machine-state.ts';

/** Where a jackpot goes. */
export type HandpayMethod = 'STANDARD' | 'CREDIT_METER';

export type HandpayReset = CommandResult<AnswerOf<typeof RESET_HANDPAY>>;

/**
 * Resets the handpay that waits, as an attendant would at the machine.
 *
 * CREDIT_METER is agreed first (A8); a machine that does not agree is not reset, and its refusal is the answer.
 */
export async function resetHandpay(
  host: Pick<SasHost, 'execute'>,
  address: number,
  method: HandpayMethod,
): Promise<HandpayReset> {
  if (method === 'CREDIT_METER') {
    const agreed = await host.execute(address, HANDPAY_RESET_METHOD, { method });
    if (!('answer' in agreed)) return agreed;
    const { result } = agreed.answer;
    if (result !== 'OK') {
      return { ...agreed, answer: { result: result === 'NO_HANDPAY' ? 'NO_HANDPAY' : 'UNABLE' } };
    }
  }
  return await host.execute(address, RESET_HANDPAY, {});
}

export interface GameSwitch {
  /** From 1; 0 is the machine. */
  readonly game: number;
  readonly enabled: boolean;
  /** A code of SAS.md 7.1, to switch the game in this denomination alone; null in all. */
  readonly denomination?: number | null;
}

/** Lets a game be played or not. NACK is also a machine that has no such game or denomination. */
export async function setGameEnabled(
  host: Pick<SasHost, 'execute'>,
  address: number,
  { game, enabled, denomination = null }: GameSwitch,
): Promise<CommandResult<null>> {
  if (denomination === null) return await host.execute(address, ENABLE_GAME, { game, enabled });
  const request = { denomination, base: 'ENABLE_GAME', request: { game, enabled } } as const;
  const result = await host.execute(address, MULTI_DENOMINATION, request);
  if (!('answer' in result)) return result;
  const { answer, attempts } = result;
  const isDone = answer.base === 'ENABLE_GAME' && answer.accepted;
  return isDone ? { outcome: 'ACK', answer: null, attempts } : { outcome: 'NACK', attempts };
}
