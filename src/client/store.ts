/** What a component shows, whatever it is made with: it is there from `subscribe` until what that answers is called. */
export interface Store<State> {
  readonly subscribe: (changed: () => void) => () => void;
  /** The same object until it has changed. */
  readonly snapshot: () => State;
}
