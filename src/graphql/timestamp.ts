import { performance } from 'node:perf_hooks';

/** How far the monotonic clock may run from the wall clock before it is set again. */
const MAX_DRIFT_MS = 2;

let originMs = performance.timeOrigin;

/** Now, as RFC 3339 in UTC with six decimals of a second: `2026-01-02T03:04:05.678901Z`. */
export function microsecondTimestamp(): string {
  const wallMs = Date.now();
  if (Math.abs(originMs + performance.now() - wallMs) > MAX_DRIFT_MS) originMs = wallMs - performance.now();
  const nowUs = Math.floor((originMs + performance.now()) * 1000);
  const micros = (nowUs % 1_000_000).toString().padStart(6, '0');
  return `${new Date(Math.floor(nowUs / 1000)).toISOString().slice(0, 19)}.${micros}Z`;
}
