import type { PlayerDesk } from '../../src/player/desk.ts';

/** What a player has asked. */
export interface Asked {
  readonly field: string;
  // biome-ignore lint/suspicious/noExplicitAny: variables as they were sent
  readonly input: any;
}

/** A server that answers as a test says, and otherwise that all is well. */
export interface ScriptedDesk extends PlayerDesk {
  readonly asked: readonly Asked[];
  /** How it answers from now on: what this throws, or gives. */
  answer: (asked: Asked) => unknown;
}

export function scriptedDesk(): ScriptedDesk {
  const asked: Asked[] = [];
  const desk: ScriptedDesk = {
    asked,
    answer: () => ({}),
    async ask<Success>(field: string, { variables }: Parameters<PlayerDesk['ask']>[1]) {
      const one = { field, input: (variables as { readonly input?: unknown } | undefined)?.input };
      asked.push(one);
      return desk.answer(one) as Success;
    },
  };
  return desk;
}

/** Nobody answers. */
export function unreachable(): never {
  throw new TypeError('fetch failed');
}
