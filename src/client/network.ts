/** What a browser says of the network, which a test brings its own of. */
export interface Network {
  /** Runs it whenever there is a network again. Answers how to stop that. */
  onOnline(run: () => void): () => void;
}

/** Where nobody says anything, as in Node, there is nothing to hear. */
export const SYSTEM_NETWORK: Network = {
  onOnline(run) {
    const here: Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>> = globalThis;
    here.addEventListener?.('online', run);
    return () => here.removeEventListener?.('online', run);
  },
};
