import { withCrc } from '../../src/sas/codec/crc.ts';
import { byteOf, isMarked } from '../../src/sas/codec/symbol.ts';
import { createEgm, type Egm } from '../../src/sas/simulator/egm.ts';

/** A poll that a test answers in place of the machine. */
export interface AnsweredPoll {
  /** Of the whole request. */
  readonly bytes: number;
  /** The data of the answer; none is an acknowledgement. */
  readonly answer: () => readonly number[];
}

/** A machine that does not know these polls itself: by command byte. */
export function anEgmAnswering(address: number, polls: ReadonlyMap<number, AnsweredPoll>): Egm {
  const egm = createEgm({ address, unsupportedPolls: new Set(polls.keys()) });
  let reply: (bytes: Uint8Array) => void = () => {};
  let heard: number[] = [];

  function hear(symbol: Parameters<Egm['hear']>[0]): void {
    egm.hear(symbol);
    if (symbol === 'error') heard = [];
    else heard = isMarked(symbol) ? [byteOf(symbol)] : [...heard, symbol];
    const [first, code = -1] = heard;
    const poll = polls.get(code);
    if (first !== address || poll?.bytes !== heard.length) return;
    const data = poll.answer();
    reply(data.length === 0 ? Uint8Array.of(address) : withCrc(Uint8Array.from([address, code, ...data])));
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
