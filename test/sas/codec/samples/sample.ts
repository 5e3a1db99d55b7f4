import { withCrc } from '../../../../src/sas/codec/crc.ts';
import type { LongPoll } from '../../../../src/sas/codec/long-poll.ts';
import { bytes } from '../hex.ts';

/** A frame and what it says. It is written without its CRC where it has one; the CRC has its own tests. */
export interface Sample {
  readonly poll: LongPoll;
  readonly hex: string;
  readonly value: unknown;
}

export const request = <Q, A>(poll: LongPoll<Q, A>, hex: string, value: Q): Sample => ({ poll, hex, value });
export const answer = <Q, A>(poll: LongPoll<Q, A>, hex: string, value: A): Sample => ({ poll, hex, value });

export const requestFrame = ({ poll, hex }: Sample): Uint8Array =>
  poll.type === 'R' ? bytes(hex) : withCrc(bytes(hex));
export const answerFrame = ({ hex }: Sample): Uint8Array => withCrc(bytes(hex));

/** For `test.each`. */
export const titled = (samples: readonly Sample[]): [string, Sample][] =>
  samples.map((sample) => [`${sample.poll.name}: ${sample.hex}`, sample]);
