/** What a machine or an adapter needs beyond SAS as it is written: data, chosen by name (SAS.md 12). */
import * as z from 'zod';
import { type HostTiming, MACHINE_PROFILES, STREAM_TIMING, UART_TIMING } from './profiles.ts';
import type { WakeupMode } from './wakeup-mode.ts';
import { DRAINS, PARITY_MODES, USUAL_STYLE, type WireStyle, type WireStyles } from './wire-format.ts';

export interface MachineProfile extends Partial<WireStyle> {
  /** For people: which machines or adapters it is for. */
  readonly title: string;
  /** How much the adapter of a line adds to the machine's 20 ms. Counts in the profile of a line only. */
  readonly adapterLatencyMs?: number;
  /**
   * How a machine restarts: SAS has no poll for it. MAINTENANCE_MODE: by entering it and leaving it (0A, 0B). None:
   * it does not.
   */
  readonly restart?: 'MAINTENANCE_MODE';
  /** Which machines it is suggested for: those that match any of these. */
  readonly suggestFor?: readonly IdentityPattern[];
}

/**
 * What a machine says of itself (polls 1F and 54), as far as it matters. A trailing `*` in a text stands for any rest.
 */
export interface IdentityPattern {
  readonly gameId?: string;
  readonly paytableId?: string;
  readonly serialNumber?: string;
  readonly sasVersion?: string;
}

/** By name. */
export type MachineProfiles = ReadonlyMap<string, MachineProfile>;

/** The profiles in a file are none; the message is one line. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
}

const PROFILE_NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** Less than the 5 ms at which a machine takes a message for broken off. */
const LONGEST_PAUSE_MS = 4;
const LONGEST_LATENCY_MS = 1_000;

const milliseconds = (most: number) =>
  z.number().min(0, `takes 0 to ${most}`).max(most, `takes 0 to ${most}`);
const text = z.string().min(1, 'takes a text').max(100, 'takes up to 100 characters');

const pattern = z
  .strictObject({ gameId: text, paytableId: text, serialNumber: text, sasVersion: text })
  .partial()
  .refine((fields) => Object.keys(fields).length > 0, 'takes gameId, paytableId, serialNumber or sasVersion');

const entry = z
  .strictObject({
    title: text,
    parityMode: z.enum(PARITY_MODES, `takes ${PARITY_MODES.join(', ')}`),
    addressGapMs: milliseconds(LONGEST_PAUSE_MS),
    paritySettleMs: milliseconds(LONGEST_PAUSE_MS),
    drain: z.enum(DRAINS, `takes ${DRAINS.join(', ')}`),
    adapterLatencyMs: milliseconds(LONGEST_LATENCY_MS),
    restart: z.literal('MAINTENANCE_MODE', 'takes MAINTENANCE_MODE'),
    suggestFor: z.array(pattern),
  })
  .partial();

const file = z.record(z.string().regex(PROFILE_NAME, 'is no name such as my-cabinet'), entry);

/**
 * The built-in profiles with those of a JSON file over them: an entry changes what it names in the profile of its
 * name, or is a new one.
 *
 * @throws ProfileError
 */
export function parseProfiles(json: string): MachineProfiles {
  const profiles = new Map<string, MachineProfile>(MACHINE_PROFILES);
  for (const [name, changes] of Object.entries(read(json))) {
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    profiles.set(name, { title: name, ...profiles.get(name), ...given });
  }
  return profiles;
}

function read(json: string): z.infer<typeof file> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new ProfileError(`no JSON: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  const parsed = file.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  // What is wrong with a name stands one level deeper.
  const message = issue?.code === 'invalid_key' ? issue.issues[0]?.message : issue?.message;
  throw new ProfileError([issue?.path.join('.'), message].filter(Boolean).join(': '));
}

/** Which profiles count on a line. */
export interface ChosenProfiles {
  readonly line: MachineProfile | null;
  readonly machines: readonly { readonly address: number; readonly profile: MachineProfile | null }[];
}

/** The machine's profile comes before the line's, and that before SAS as it is written. */
export function stylesOf({ line, machines }: ChosenProfiles): WireStyles {
  const usual = withProfile(USUAL_STYLE, line);
  const differing = machines.filter(({ profile }) => profile !== null);
  return {
    usual,
    byAddress: new Map(differing.map(({ address, profile }) => [address, withProfile(usual, profile)])),
  };
}

const withProfile = (style: WireStyle, profile: MachineProfile | null): WireStyle => ({
  parityMode: profile?.parityMode ?? style.parityMode,
  addressGapMs: profile?.addressGapMs ?? style.addressGapMs,
  paritySettleMs: profile?.paritySettleMs ?? style.paritySettleMs,
  drain: profile?.drain ?? style.drain,
});

const MACHINE_RESPONSE_MS = 20;
const MACHINE_GAP_MS = 5;

/** The times of a line: what its adapter adds is known from its profile, or assumed by how the ninth bit travels. */
export function timingOf(wakeupMode: WakeupMode, line: MachineProfile | null): HostTiming {
  const usual = wakeupMode === 'PARITY' || wakeupMode === 'EVEN_ODD' ? UART_TIMING : STREAM_TIMING;
  const latencyMs = line?.adapterLatencyMs;
  if (latencyMs === undefined) return usual;
  return {
    ...usual,
    responseTimeoutMs: MACHINE_RESPONSE_MS + latencyMs,
    interByteGapMs: MACHINE_GAP_MS + latencyMs,
  };
}

/** What a machine said of itself. */
export type SeenIdentity = { readonly [K in keyof Required<IdentityPattern>]: string | null };

/** The name of the profile whose pattern says most about this machine; null when none fits. */
export function suggestProfile(profiles: MachineProfiles, seen: SeenIdentity): string | null {
  let best: { readonly name: string; readonly detail: number } | null = null;
  for (const [name, { suggestFor = [] }] of profiles) {
    for (const each of suggestFor) {
      const detail = Object.keys(each).length;
      if (matches(each, seen) && detail > (best?.detail ?? 0)) best = { name, detail };
    }
  }
  return best?.name ?? null;
}

const FIELDS = ['gameId', 'paytableId', 'serialNumber', 'sasVersion'] as const;

function matches(wanted: IdentityPattern, seen: SeenIdentity): boolean {
  return FIELDS.every((field) => {
    const [text, has] = [wanted[field], seen[field]];
    if (text === undefined) return true;
    return text.endsWith('*') ? (has?.startsWith(text.slice(0, -1)) ?? false) : has === text;
  });
}
