/** The longest wait a timer of Node can have; a longer one would be none at all. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls at that time, at once when it is past. It does not keep the process alive. */
export function timerUntil(time: Date, call: () => void): NodeJS.Timeout {
  const inMs = Math.min(Math.max(time.getTime() - Date.now(), 0), MAX_TIMER_MS);
  return setTimeout(call, inMs).unref();
}
