import { type ComputedRef, computed, shallowRef, watch, watchPostEffect } from 'vue';
import type { Store } from '../store.ts';

export interface ShownStore<State> {
  /** Makes another store whenever this is another. */
  readonly key: () => string;
  readonly make: () => Store<State>;
  /** What is shown until there is a store. */
  readonly before: State;
}

/** Shows a store from when the component is mounted until the scope ends, and so never one on a server. */
export function useStore<State>({ key, make, before }: ShownStore<State>): ComputedRef<State> {
  const wanted = computed(key);
  const isMounted = shallowRef(false);
  const told = shallowRef<{ readonly key: string | null; readonly state: State }>({
    key: null,
    state: before,
  });

  // A server runs neither this nor the watch: what comes after the rendering is not for it.
  watchPostEffect(() => {
    isMounted.value = true;
  });
  watch(
    () => (isMounted.value ? wanted.value : null),
    (key, _before, onCleanup) => {
      if (key === null) return;
      const store = make();
      const tell = () => {
        told.value = { key, state: store.snapshot() };
      };
      onCleanup(store.subscribe(tell));
      tell();
    },
    { flush: 'post' },
  );
  // Of another key nothing is shown, not even until the store is another.
  return computed(() => (told.value.key === wanted.value ? told.value.state : before));
}
