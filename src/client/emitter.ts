/** Listeners to one kind of news. What one of them throws does not keep it from the others. */
export interface Emitter<News> {
  /** Answers how to stop listening. */
  on(listener: (news: News) => void): () => void;
  emit(news: News): void;
}

export function createEmitter<News>(): Emitter<News> {
  const listeners = new Set<(news: News) => void>();
  return {
    on(listener) {
      const own = (news: News) => listener(news);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    emit(news) {
      tellEach(listeners, (listener) => listener(news));
    },
  };
}

/** Tells those who are there now, unless one of them has another stopped meanwhile. */
export function tellEach<Item>(items: ReadonlySet<Item>, run: (item: Item) => void): void {
  for (const item of [...items]) if (items.has(item)) tell(() => run(item));
}

/** Runs what belongs to the app; its error is reported as uncaught, and goes no further. */
export function tell(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
