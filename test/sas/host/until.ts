const DEADLINE_MS = 60_000;

/** Waits for something to become true, looking after every turn of the event loop; fails loudly when it does not. */
export async function until(condition: () => boolean, deadlineMs = DEADLINE_MS): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not within ${deadlineMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
