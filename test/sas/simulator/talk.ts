import { createReplyReader, generalPoll, type Reply, SYNC_POLL } from '../../../src/sas/codec/frame.ts';
import type { LongPoll } from '../../../src/sas/codec/long-poll.ts';
import { decodeAnswer, encodeRequest } from '../../../src/sas/codec/poll-table.ts';
import { messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { createEgm, type Egm, type EgmOptions } from '../../../src/sas/simulator/egm.ts';
import { hexOf } from '../codec/hex.ts';

/** A host that says one thing at a time to one machine and hears what comes back. */
export interface Talk {
  readonly egm: Egm;
  /** What the machine has sent since the last call, in hex; '' for silence. */
  heard(): string;
  /** Sends a message and returns the answer in hex; '' for silence. */
  say(message: Uint8Array): string;
  general(): string;
  /** A general poll to address 0: it synchronises and acknowledges. */
  sync(): void;
  ask<Q, A>(poll: LongPoll<Q, A>, request: Q): string;
  /** Asks and reads the data of the answer. */
  read<Q, A>(poll: LongPoll<Q, A>, request: Q): A;
  reply(message: Uint8Array): Reply;
}

export function talkTo(egm: Egm): Talk {
  const answers: Uint8Array[] = [];
  egm.onReply((reply) => answers.push(reply));
  const heard = (): Uint8Array => Buffer.concat(answers.splice(0));
  const sayRaw = (message: Uint8Array): Uint8Array => {
    for (const symbol of messageSymbols(message)) egm.hear(symbol);
    return heard();
  };
  const reply = (message: Uint8Array): Reply => {
    const reader = createReplyReader(message);
    for (const byte of sayRaw(message)) reader.push(byte);
    return reader.take();
  };
  return {
    egm,
    heard: () => hexOf(heard()),
    say: (message) => hexOf(sayRaw(message)),
    general: () => hexOf(sayRaw(generalPoll(egm.address))),
    sync() {
      sayRaw(SYNC_POLL);
    },
    ask: (poll, request) => hexOf(sayRaw(encodeRequest(poll, egm.address, request))),
    read(poll, request) {
      const answer = reply(encodeRequest(poll, egm.address, request));
      if (answer.kind !== 'data') throw new Error(`${poll.name} was answered with ${answer.kind}`);
      return decodeAnswer(poll, answer.body);
    },
    reply,
  };
}

/** A machine at address 1 that is synchronised and has no exception to tell. */
export function aTalk(options: Partial<EgmOptions> = {}): Talk {
  const talk = talkTo(createEgm({ address: 1, ...options }));
  talk.sync();
  drain(talk);
  return talk;
}

/** Takes every exception the machine has; their bytes in order. */
export function drain(talk: Talk): string[] {
  const taken: string[] = [];
  for (let bytes = talk.general(); bytes !== '00' && bytes !== ''; bytes = talk.general()) {
    if (bytes.startsWith('01 FF 00')) break;
    taken.push(bytes);
    talk.sync();
  }
  talk.sync();
  return taken;
}
