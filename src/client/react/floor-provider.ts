import { createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react';
import type { FloorClient } from '../floor-client.ts';

const FloorContext = createContext<FloorClient | null>(null);

export interface FloorProviderProps {
  /** Made once, outside of the components. With another one all hooks begin anew, on that. */
  readonly client: FloorClient;
  readonly children?: ReactNode;
}

/** Gives all components in it one client. It stays the app's: nothing is disposed of at the end. */
export function FloorProvider({ client, children }: FloorProviderProps): ReactElement {
  return createElement(FloorContext.Provider, { value: client }, children);
}

/** @throws Error outside of a FloorProvider */
export function useFloorClient(): FloorClient {
  const client = useContext(FloorContext);
  if (!client) throw new Error('There is no FloorProvider around this component.');
  return client;
}
