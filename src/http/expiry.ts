/** The longest wait a timer of Node can have; a longer one would be none at all. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface ExpiryOptions {
  /** How long before the end it is announced. */
  readonly noticeMs: number;
  /** Given when it ends. */
  readonly onNotice?: (expiresAt: Date) => void;
  readonly onEnd: () => void;
}

/** When what was shown to open something ends, which may be put off. It does not keep the process alive. */
export class Expiry {
  readonly #options: ExpiryOptions;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: ExpiryOptions) {
    this.#options = options;
  }

  /**
   * From now on it ends then, and not before; null: not by itself. What ends so soon that the notice
   * would be due at once is announced half-way, or whoever renews it would do nothing else.
   */
  set(expiresAt: Date | null): void {
    clearTimeout(this.#timer);
    if (expiresAt === null || this.#isStopped) return;
    const { noticeMs, onNotice, onEnd } = this.#options;
    const [nowMs, endMs] = [Date.now(), expiresAt.getTime()];
    const halfWayMs = (nowMs + endMs) / 2;
    const announce = () => {
      this.#at(endMs, onEnd);
      onNotice?.(expiresAt);
    };
    if (endMs <= nowMs) this.#at(endMs, onEnd);
    else this.#at(Math.max(endMs - noticeMs, halfWayMs), announce);
  }

  /** Nothing ends any more, whatever is set later. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #at(timeMs: number, call: () => void): void {
    const leftMs = Math.max(0, Math.ceil(timeMs - Date.now()));
    this.#timer = setTimeout(
      () => (leftMs > MAX_TIMER_MS ? this.#at(timeMs, call) : call()),
      Math.min(leftMs, MAX_TIMER_MS),
    ).unref();
  }
}
