import type { ChannelMessage } from './channels.ts';
import { tellEach } from './emitter.ts';

/** Who listens to messages, by their type or with `*` to all. */
export interface MessageListeners {
  /** Answers how to stop. */
  on<Data = unknown>(type: string, listener: (message: ChannelMessage<Data>) => void): () => void;
  /** Stops all that this listener listens to. */
  off<Data = unknown>(listener: (message: ChannelMessage<Data>) => void): void;
  hear(message: ChannelMessage): void;
}

type Hear = (message: ChannelMessage) => void;

export function createMessageListeners(): MessageListeners {
  const listeners = new Map<string, Set<Hear>>();

  function remove(type: string, listener: Hear): void {
    const own = listeners.get(type);
    own?.delete(listener);
    if (own?.size === 0) listeners.delete(type);
  }

  return {
    on(type, given) {
      const listener = given as Hear;
      listeners.set(type, (listeners.get(type) ?? new Set()).add(listener));
      return () => remove(type, listener);
    },
    off(given) {
      for (const type of [...listeners.keys()]) remove(type, given as Hear);
    },
    hear(message) {
      for (const type of [message.type, '*'])
        tellEach(listeners.get(type) ?? new Set<Hear>(), (listener) => listener(message));
    },
  };
}
