/** The longest wait a timer of Node can have; a longer one would be none at all. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What ends at a time. There is one for each socket, so it is told by method, not by a closure of its own. */
export interface Expiring {
  /** How long before the end it is announced. */
  readonly noticeMs: number;
  /** It ends then, unless that is put off. */
  onExpiring(expiresAt: Date): void;
  onExpired(): void;
}

/** When what was shown to open something ends, which may be put off. It does not keep the process alive. */
export class Expiry {
  readonly #expiring: Expiring;
  #timer: NodeJS.Timeout | undefined;
  #expiresAt: Date | null = null;
  #isAnnounced = false;
  #isStopped = false;

  constructor(expiring: Expiring) {
    this.#expiring = expiring;
  }

  /**
   * From now on it ends then, and not before; null: not by itself. What ends so soon that the notice
   * would be due at once is announced half-way, or whoever renews it would do nothing else.
   */
  set(expiresAt: Date | null): void {
    clearTimeout(this.#timer);
    if (expiresAt === null || this.#isStopped) return;
    const [nowMs, endMs] = [Date.now(), expiresAt.getTime()];
    this.#expiresAt = expiresAt;
    this.#isAnnounced = endMs <= nowMs;
    this.#waitUntil(Math.max(endMs - this.#expiring.noticeMs, (nowMs + endMs) / 2));
  }

  /** Nothing ends any more, whatever is set later. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #waitUntil(timeMs: number): void {
    const leftMs = Math.max(0, Math.ceil(timeMs - Date.now()));
    this.#timer = setTimeout(Expiry.#wake, Math.min(leftMs, MAX_TIMER_MS), this, timeMs).unref();
  }

  static #wake(expiry: Expiry, timeMs: number): void {
    if (timeMs > Date.now()) expiry.#waitUntil(timeMs);
    else expiry.#goOn();
  }

  #goOn(): void {
    const expiresAt = this.#expiresAt;
    if (expiresAt === null) return;
    if (this.#isAnnounced) this.#expiring.onExpired();
    else {
      this.#isAnnounced = true;
      this.#waitUntil(expiresAt.getTime());
      this.#expiring.onExpiring(expiresAt);
    }
  }
}
