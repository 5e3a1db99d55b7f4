/** Looking for machines at addresses nobody told of, without taking the line from those that are known. */
import { HIGHEST_ADDRESS } from '../codec/address.ts';
import { SasDecodeError } from '../codec/decode-error.ts';
import type { NoFields } from '../codec/fields.ts';
import type { Reply } from '../codec/frame.ts';
import type { LongPoll } from '../codec/long-poll.ts';
import { MACHINE_ID, SAS_VERSION } from '../codec/long-polls/identity.ts';
import { decodeAnswer, encodeRequest } from '../codec/poll-table.ts';
import type { DiscoveryReport } from './report.ts';
import type { Talk } from './talk.ts';

/** How much of the line's time a scan may take. */
const SHARE = 0.05;

interface Question {
  readonly address: number;
  readonly poll: LongPoll<NoFields>;
}

type Found = readonly DiscoveryReport[];

/**
 * A pass asks every address what SAS it speaks (54), a second one who it is (1F) where that brought nothing. Both only
 * read: a general poll would bring an exception that the next poll to another address makes the stranger forget.
 */
export class Scan {
  #questions: Question[] = [];
  #found: DiscoveryReport[] = [];
  #waiting: ((found: Found) => void)[] = [];
  #nextAtMs = Number.POSITIVE_INFINITY;

  /** Begins a scan, or joins the one under way; resolves with what it found when it ends. */
  begin(nowMs: number): Promise<Found> {
    if (this.#waiting.length === 0) {
      const addresses = Array.from({ length: HIGHEST_ADDRESS }, (_, at) => at + 1);
      const polls: readonly LongPoll<NoFields>[] = [SAS_VERSION, MACHINE_ID];
      this.#questions = polls.flatMap((poll) => addresses.map((address) => ({ address, poll })));
      this.#found = [];
      this.#nextAtMs = nowMs;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** When the next address may be asked; never while nobody scans. */
  get nextAtMs(): number {
    return this.#nextAtMs;
  }

  /** The host ends: whoever waits gets what was found until now. */
  end(): void {
    this.#questions = [];
    this.#nextAtMs = Number.POSITIVE_INFINITY;
    for (const resolve of this.#waiting.splice(0)) resolve(this.#found);
  }

  /** Asks the next address that is not known. */
  async askNext(talk: Talk, isKnown: (address: number) => boolean): Promise<void> {
    const question = this.#next(isKnown);
    if (question === undefined) return this.end();
    const { clock, exchange } = talk;
    const startedAtMs = clock.nowMs();
    const { address, poll } = question;
    const reply = await exchange.ask(encodeRequest(poll, address, {}), { repeat: false, resync: true });
    if (reply === null) return;
    const now = clock.nowMs();
    this.#nextAtMs = now + (now - startedAtMs) / SHARE;
    if (!isSign(reply)) return;
    const report: DiscoveryReport = {
      kind: 'discovery',
      address,
      at: clock.date(),
      by: 'SCAN',
      ...versionIn(question, reply),
    };
    this.#found.push(report);
    void talk.deliver(report);
  }

  #next(isKnown: (address: number) => boolean): Question | undefined {
    const found = new Set(this.#found.map(({ address }) => address));
    for (;;) {
      const question = this.#questions.shift();
      if (question === undefined || !(isKnown(question.address) || found.has(question.address)))
        return question;
    }
  }
}

/** Noise is none: a machine that is there is asked again in the second pass. */
const isSign = (reply: Reply): boolean => reply.kind !== 'silence' && reply.kind !== 'damaged';

const UNKNOWN = { sasVersion: null, serialNumber: null };

function versionIn({ poll }: Question, reply: Reply): Pick<DiscoveryReport, 'sasVersion' | 'serialNumber'> {
  if (poll !== SAS_VERSION || reply.kind !== 'data') return UNKNOWN;
  try {
    const { version, serialNumber } = decodeAnswer(SAS_VERSION, reply.body);
    return { sasVersion: version, serialNumber };
  } catch (error) {
    if (error instanceof SasDecodeError) return UNKNOWN;
    throw error;
  }
}
