/** What must be remembered about a line when its port closes, so that no exception is lost or told twice. */

export interface LineMemory {
  /** The machine whose last answer did not arrive, or is not stored: it is asked before anybody else hears a poll. */
  unsettled: number | null;
  /** An exception that is stored, but that its machine still holds: it cannot have heard an acknowledgement. */
  stored: { readonly address: number; readonly code: number } | null;
}

export const newLineMemory = (): LineMemory => ({ unsettled: null, stored: null });

/** The machine has nothing to report: it holds nothing that we know. */
export function noteIdle(memory: LineMemory, address: number): void {
  if (memory.stored?.address === address) memory.stored = null;
}

/** Whether an exception is one that is stored already. */
export function isStored(memory: LineMemory, address: number, code: number): boolean {
  return memory.stored?.address === address && memory.stored.code === code;
}
