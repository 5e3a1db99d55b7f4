/** What a port in a process of its own and its parent say to each other. */
import type { LineSymbol } from '../codec/symbol.ts';
import type { PortSettings } from './open-port.ts';
import type { HeardSymbol, Sent } from './port.ts';

export type ToPort =
  | { readonly kind: 'open'; readonly settings: PortSettings }
  /** `atMs` is when, on the clock all processes of a computer share. */
  | { readonly kind: 'send'; readonly symbols: readonly LineSymbol[]; readonly atMs: number }
  | { readonly kind: 'close' };

export type FromPort =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'heard'; readonly symbols: readonly HeardSymbol[] }
  | { readonly kind: 'sent'; readonly sent: Sent }
  | { readonly kind: 'closed'; readonly reason: string | null };

export const sharedClockMs = (): number => Number(process.hrtime.bigint()) / 1e6;
