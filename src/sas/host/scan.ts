/** Looking for machines at addresses nobody told of, without taking the line from those that are known. */
import { HIGHEST_ADDRESS } from '../codec/address.ts';
import { SasDecodeError } from '../codec/decode-error.ts';
import type { NoFields } from '../codec/fields.ts';
import type { Reply } from '../codec/frame.ts';
import type { LongPoll } from '../codec/long-poll.ts';
import { MACHINE_ID, SAS_VERSION } from '../codec/long-polls/identity.ts';
import { decodeAnswer, encodeRequest } from '../codec/poll-table.ts';
import { type DiscoveryReport, type StrangerIdentity, UNKNOWN_STRANGER } from './report.ts';
import type { Talk } from './talk.ts';

/** How much of the line's time a scan may take. */
const SHARE = 0.05;

export interface ScanOptions {
  /** The first and the last address to look at; 1 and 127 without. */
  readonly from?: number;
  readonly to?: number;
  /** How many of its addresses, counted twice, an earlier host of the line looked at: it goes on behind them. */
  readonly asked?: number;
  /** Called behind each address. */
  readonly onProgress?: (progress: ScanProgress) => void;
}

/** Each address counts twice: it is looked at again where nobody answered at first. */
export interface ScanProgress {
  readonly asked: number;
  readonly total: number;
}

interface Question {
  readonly poll: LongPoll<NoFields>;
  readonly read: (body: Uint8Array) => Partial<StrangerIdentity>;
}

interface Look {
  readonly address: number;
  /** Where the first is answered, the others are asked too. */
  readonly questions: readonly Question[];
}

type Found = readonly DiscoveryReport[];

interface Waiting {
  readonly resolve: (found: Found) => void;
  readonly reject: (error: Error) => void;
}

const VERSION: Question = {
  poll: SAS_VERSION,
  read(body) {
    const { version, serialNumber } = decodeAnswer(SAS_VERSION, body);
    return { sasVersion: version, serialNumber };
  },
};

const GAME: Question = {
  poll: MACHINE_ID,
  read(body) {
    const { gameId, additionalId, denomination, paytableId } = decodeAnswer(MACHINE_ID, body);
    return { gameId, additionalId, denominationCode: denomination, paytableId };
  },
};

/**
 * A pass asks every address what SAS it speaks (54), a second one who it is (1F) where that brought nothing; whoever
 * answers the one is asked the other. Both only read: a general poll would bring an exception that the next poll to
 * another address makes the stranger forget.
 */
export class Scan {
  #looks: Look[] = [];
  #total = 0;
  #found: DiscoveryReport[] = [];
  #waiting: Waiting[] = [];
  #onProgress: (progress: ScanProgress) => void = () => {};
  #nextAtMs = Number.POSITIVE_INFINITY;

  /** Begins a scan, or joins the one under way whatever that looks at; resolves with what it found when it is done. */
  begin(nowMs: number, options: ScanOptions = {}): Promise<Found> {
    if (this.#waiting.length === 0) {
      const { from = 1, to = HIGHEST_ADDRESS, asked = 0, onProgress = () => {} } = options;
      const addresses = Array.from({ length: to - from + 1 }, (_, at) => from + at);
      const passes = [
        [VERSION, GAME],
        [GAME, VERSION],
      ];
      const looks = passes.flatMap((questions) => addresses.map((address) => ({ address, questions })));
      this.#total = looks.length;
      this.#looks = looks.slice(asked);
      this.#found = [];
      this.#onProgress = onProgress;
      this.#nextAtMs = nowMs;
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** When the next address may be asked; never while nobody scans. */
  get nextAtMs(): number {
    return this.#nextAtMs;
  }

  /** The host ends: whoever waits is told so. */
  end(error: Error): void {
    for (const { reject } of this.#finish()) reject(error);
  }

  /** Asks the next address that is not known. */
  async askNext(talk: Talk, isKnown: (address: number) => boolean): Promise<void> {
    const look = this.#next(isKnown);
    if (look === undefined) {
      const found = this.#found;
      for (const { resolve } of this.#finish()) resolve(found);
      return;
    }
    const startedAtMs = talk.clock.nowMs();
    const report = await lookAt(talk, look);
    if (report === 'CLOSED') return;
    this.#looks.shift();
    const now = talk.clock.nowMs();
    this.#nextAtMs = now + (now - startedAtMs) / SHARE;
    if (report !== 'NOBODY') {
      this.#found.push(report);
      void talk.deliver(report);
    }
    this.#onProgress({ asked: this.#total - this.#looks.length, total: this.#total });
  }

  #finish(): Waiting[] {
    this.#looks = [];
    this.#nextAtMs = Number.POSITIVE_INFINITY;
    return this.#waiting.splice(0);
  }

  #next(isKnown: (address: number) => boolean): Look | undefined {
    const found = new Set(this.#found.map(({ address }) => address));
    for (;;) {
      const look = this.#looks[0];
      if (look === undefined || !(isKnown(look.address) || found.has(look.address))) return look;
      this.#looks.shift();
    }
  }
}

/** CLOSED: the port closed before anybody answered. */
async function lookAt(
  { clock, exchange }: Talk,
  { address, questions }: Look,
): Promise<DiscoveryReport | 'NOBODY' | 'CLOSED'> {
  let identity: StrangerIdentity | null = null;
  for (const { poll, read } of questions) {
    const isFirst = identity === null;
    const reply = await exchange.ask(encodeRequest(poll, address, {}), { repeat: false, resync: isFirst });
    if (isFirst && reply === null) return 'CLOSED';
    if (isFirst && !(reply && isSign(reply))) return 'NOBODY';
    identity = { ...(identity ?? UNKNOWN_STRANGER), ...(reply && saidIn(reply, read)) };
  }
  return { kind: 'discovery', address, at: clock.date(), by: 'SCAN', ...(identity ?? UNKNOWN_STRANGER) };
}

/** Noise is none: a machine that is there is asked again in the second pass. */
const isSign = (reply: Reply): boolean => reply.kind !== 'silence' && reply.kind !== 'damaged';

function saidIn(reply: Reply, read: Question['read']): Partial<StrangerIdentity> {
  if (reply.kind !== 'data') return {};
  try {
    return read(reply.body);
  } catch (error) {
    if (error instanceof SasDecodeError) return {};
    throw error;
  }
}
