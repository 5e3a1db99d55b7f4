import type { Store } from './store.ts';

/** Whether the browser has a network; where nobody says, as in Node, it has. */
export const ONLINE: Store<boolean> = {
  subscribe(changed) {
    const here: Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>> = globalThis;
    for (const type of ['online', 'offline']) here.addEventListener?.(type, changed);
    return () => {
      for (const type of ['online', 'offline']) here.removeEventListener?.(type, changed);
    };
  },
  snapshot: () => Reflect.get(globalThis, 'navigator')?.onLine ?? true,
};
