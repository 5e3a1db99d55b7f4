import type { Actor, Origin } from '../lib/actor.ts';

/** One thing that a person, a partner or a device did, or that was done about who may do what or about a balance. */
export interface AuditEntry {
  readonly id: string;
  /** Its place among the entries of its venue: dense, from 1. */
  readonly sequence: bigint;
  /** Of the event in the log. */
  readonly position: bigint;
  readonly type: string;
  readonly at: Date;
  readonly actor: { readonly kind: Actor['kind']; readonly id: string | null };
  /** Null for what no request asked for, and when it was erased. */
  readonly origin: Origin | null;
  /** The event's own facts; null when they were erased. */
  readonly payload: Readonly<Record<string, unknown>> | null;
  /** Covers this entry and all before it. */
  readonly hash: Buffer;
}

/** An entry that somebody keeps outside: a chain without it was rewritten. */
export interface AuditAnchor {
  readonly sequence: bigint;
  readonly hash: Buffer;
}

/** What is wrong with an entry. */
export type AuditFault =
  /** It is not there, though one with a higher number is. */
  | 'MISSING'
  /** What it says is not what was put on record. */
  | 'CONTENT'
  /** Its type, time or place was changed, or an entry before it exchanged. */
  | 'CHAIN'
  /** The log holds an event that is not on record, or other than there. */
  | 'LOG'
  /** The entry of the anchor is gone or another one. */
  | 'ANCHOR';

export interface AuditVerification {
  /** How many entries were looked at. */
  readonly entries: number;
  /** The first thing that is wrong; null when nothing is. */
  readonly broken: { readonly fault: AuditFault; readonly sequence: bigint | null } | null;
  /** The newest entry, to be kept outside as an anchor; null for an empty record. */
  readonly head: AuditAnchor | null;
}
