/**
 * What runs, stopped in the reverse order of its start. A part that cannot be stopped does not keep
 * the others running: its error is thrown once all of them were told.
 */
export class Running implements AsyncDisposable {
  readonly #parts: AsyncDisposable[] = [];

  add<T extends AsyncDisposable>(part: T): T {
    this.#parts.push(part);
    return part;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let part = this.#parts.pop(); part; part = this.#parts.pop()) {
      try {
        await part[Symbol.asyncDispose]();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures);
  }
}
