import { withCrc } from '../../src/sas/codec/crc.ts';
import { byteOf, isMarked } from '../../src/sas/codec/symbol.ts';
import type { Egm } from '../../src/sas/simulator/egm.ts';

/** A poll that a test answers in place of the machine. */
export interface AnsweredPoll {
  /** Of the whole request. */
  readonly bytes: number;
  /** The data of the answer; none is an acknowledgement. */
  readonly answer: () => readonly number[];
}

/** The machine, but for these polls: by command byte. */
export function answeringInPlaceOf(egm: Egm, polls: ReadonlyMap<number, AnsweredPoll>): Egm {
  let reply: (bytes: Uint8Array) => void = () => {};
  let head: Parameters<Egm['hear']>[0] | null = null;
  let swallowing = 0;
  let asked: number | null = null;

  const answer = (code: number) => {
    const data = polls.get(code)?.answer() ?? [];
    const bytes =
      data.length === 0 ? Uint8Array.of(egm.address) : withCrc(Uint8Array.from([egm.address, code, ...data]));
    reply(bytes);
  };

  function hear(symbol: Parameters<Egm['hear']>[0]): void {
    if (swallowing > 0) {
      swallowing -= 1;
      if (swallowing === 0 && asked !== null) answer(asked);
      return;
    }
    if (head === null && symbol !== 'error' && isMarked(symbol) && byteOf(symbol) === egm.address) {
      head = symbol;
      return;
    }
    if (head !== null && symbol !== 'error' && polls.has(symbol)) {
      asked = symbol;
      swallowing = (polls.get(symbol)?.bytes ?? 2) - 2;
    } else {
      if (head !== null) egm.hear(head);
      egm.hear(symbol);
    }
    head = null;
  }

  return new Proxy(egm, {
    get(target, key) {
      if (key === 'hear') return hear;
      if (key === 'onReply')
        return (listener: typeof reply) => {
          reply = listener;
          target.onReply(listener);
        };
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
