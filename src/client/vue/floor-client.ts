import { type InjectionKey, inject, provide } from 'vue';
import type { FloorClient } from '../floor-client.ts';

/** For `app.provide(FLOOR_CLIENT, client)`. The client stays the app's: nothing is disposed of at the end. */
export const FLOOR_CLIENT: InjectionKey<FloorClient> = Symbol('floorwire client');

/** Gives all components below this one a client. */
export function provideFloorClient(client: FloorClient): void {
  provide(FLOOR_CLIENT, client);
}

/** @throws Error where neither the app nor a component above provides one */
export function useFloorClient(): FloorClient {
  const client = inject(FLOOR_CLIENT, null);
  if (!client) throw new Error('Nobody provides a FLOOR_CLIENT to this component.');
  return client;
}
