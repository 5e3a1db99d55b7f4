import { ValidationError } from '../lib/errors.ts';

/** A search for machines on a line, at addresses where none is registered. One at a time for each line. */
export interface Discovery extends AddressRange {
  readonly id: string;
  readonly venueId: string;
  readonly lineId: string;
  readonly requestedAt: Date;
  /** A search that no driver has begun by then never will be. */
  readonly expiresAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** Of `totalOf`: where the next driver of the line goes on. */
  readonly asked: number;
}

export interface AddressRange {
  /** 1–127. */
  readonly fromAddress: number;
  readonly toAddress: number;
}

export type DiscoveryState = 'REQUESTED' | 'RUNNING' | 'FINISHED';

export function stateOfDiscovery({ startedAt, finishedAt }: Discovery): DiscoveryState {
  if (finishedAt) return 'FINISHED';
  return startedAt ? 'RUNNING' : 'REQUESTED';
}

/** Each address counts twice: it is looked at again where nobody answered at first. */
export const totalOf = ({ fromAddress, toAddress }: AddressRange): number =>
  2 * (toAddress - fromAddress + 1);

/** From 0 to 1; 1 only when it is done. */
export function progressOf(discovery: Discovery): number {
  return discovery.finishedAt ? 1 : Math.min(discovery.asked / totalOf(discovery), 0.99);
}

const HIGHEST_ADDRESS = 127;

/** What is null is as far as addresses go. */
export interface GivenRange {
  readonly fromAddress: number | null;
  readonly toAddress: number | null;
}

/** @throws ValidationError */
export function parseRange({ fromAddress, toAddress }: GivenRange): AddressRange {
  const range = { fromAddress: fromAddress ?? 1, toAddress: toAddress ?? HIGHEST_ADDRESS };
  if (range.fromAddress < 1 || range.toAddress > HIGHEST_ADDRESS || range.fromAddress > range.toAddress)
    throw new ValidationError(
      `fromAddress and toAddress take 1 to ${HIGHEST_ADDRESS}, the smaller one first.`,
      { field: range.fromAddress < 1 || range.fromAddress > HIGHEST_ADDRESS ? 'fromAddress' : 'toAddress' },
    );
  return range;
}
