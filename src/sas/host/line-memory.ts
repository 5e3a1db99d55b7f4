/** What must be remembered about a line when its port closes, so that no exception is lost or told twice. */

export interface LineMemory {
  /** The machine whose last answer did not arrive, or is not stored: it is asked before anybody else hears a poll. */
  unsettled: number | null;
  /**
   * By address, the code of an exception that is stored, but that its machine holds or may hold: it cannot have heard
   * an acknowledgement, or nobody knows.
   */
  readonly stored: Map<number, number>;
  /** The fetch whose answer may be under way: it is asked again before anybody else hears a poll. */
  fetching: { readonly address: number; readonly code: number } | null;
}

export const newLineMemory = (): LineMemory => ({ unsettled: null, stored: new Map(), fetching: null });
