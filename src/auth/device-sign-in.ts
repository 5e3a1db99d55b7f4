import { timingSafeEqual } from 'node:crypto';
import { ANONYMOUS } from '../lib/actor.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import { type Device, pairingCodeHash } from './device.ts';
import { findNamedDevice, lockSignInDevice, type StoredDevice } from './device-store.ts';
import { AccountLockedError, DeviceCredentialsError } from './errors.ts';
import type { Attempt } from './lock-out.ts';
import type { LockOut } from './lock-out-service.ts';
import { makeOpaqueToken } from './opaque-token.ts';
import { insertRefreshToken } from './refresh-token-store.ts';
import { type ClientTrace, originOf, parseClientTrace, type Session } from './session.ts';
import { endSessions } from './session-service.ts';
import { insertSession, retireDeviceSessions } from './session-store.ts';
import { issueTokens, type SessionTokens, type SignInParts } from './sign-in.ts';
import { findDefaultVenue, findNamedVenue } from './venue-store.ts';

export interface DeviceSignIn {
  /** A venue's slug. */
  readonly venue: string;
  readonly deviceNumber: string;
  readonly serialNumber: string;
  /** In any case, with or without its hyphens. */
  readonly pairingCode: string;
}

export interface DeviceSignedIn extends SessionTokens {
  readonly device: Device;
}

/** What a code that is none is compared with, and what stands for a device that is not there. */
const NO_HASH = Buffer.alloc(32);

/**
 * Opens the session of a device and ends the one it had: whoever has a copy of its code cannot use it
 * unnoticed. A number without a device is treated as one with: it costs the same and is locked out the same.
 *
 * @throws DeviceCredentialsError for anything that is wrong, after the same work
 * @throws AccountLockedError after too many wrong ones, before anything is compared
 */
export async function authenticateDevice(
  parts: SignInParts,
  input: DeviceSignIn,
  client: ClientTrace,
): Promise<DeviceSignedIn> {
  const { db, runWork, sessionTtlSeconds, sessions, lockOut } = parts;
  const origin = originOf(client);
  const subject = `${input.venue}/${input.deviceNumber}`;
  const attempt: Attempt = { kind: 'PAIRING_CODE', subject, address: client.address };
  await runWork(ANONYMOUS, (work) => lockOut.check(work, attempt), origin);

  const found = await findNamedDevice(db, readNames(input));
  const isRight = isItself(found, input);
  const { token: refreshToken, hash } = makeOpaqueToken();
  const begun = { id: newId(), lifetimeSeconds: sessionTtlSeconds, client, refreshTokenHash: hash };
  const outcome = await runWork(
    ANONYMOUS,
    async (work) => {
      const opened = found && isRight ? await openDeviceSession(work, { ...begun, device: found }) : null;
      if (opened) {
        await lockOut.pass(work, attempt);
        return opened;
      }
      return await recordFailure(work, { lockOut, attempt, input, found, isRight });
    },
    origin,
  );
  if (outcome instanceof AccountLockedError) throw outcome;
  if (!outcome) throw new DeviceCredentialsError();
  for (const sessionId of outcome.ended) sessions.forget(sessionId);
  const { session, device } = outcome;
  return { ...(await issueTokens(parts, { session, roles: ['DEVICE'] }, refreshToken)), device };
}

/** Compared in every case and in one time: what is wrong is not told, nor whether the device is there. */
function isItself(device: StoredDevice | null, { serialNumber, pairingCode }: DeviceSignIn): boolean {
  const shown = pairingCodeHash(pairingCode);
  const isCode = timingSafeEqual(shown ?? NO_HASH, device?.pairingCodeHash ?? NO_HASH);
  return shown !== null && isCode && device?.serialNumber === serialNumber;
}

/** Null when it was put on record; the lock when there was one already. */
async function recordFailure(
  work: Work,
  {
    lockOut,
    attempt,
    input,
    found,
    isRight,
  }: {
    readonly lockOut: LockOut;
    readonly attempt: Attempt;
    readonly input: DeviceSignIn;
    readonly found: StoredDevice | null;
    readonly isRight: boolean;
  },
): Promise<AccountLockedError | null> {
  const venue = (await findNamedVenue(work.tx, input.venue)) ?? (await findDefaultVenue(work.tx));
  // Without a venue there is no device yet that could sign in.
  if (!venue) return null;
  const reason = !found ? 'UNKNOWN_DEVICE' : isRight ? 'NOT_ADMITTED' : 'WRONG_PAIRING_CODE';
  return await lockOut.fail(work, attempt, { userId: null, deviceId: found?.id, venueId: venue.id, reason });
}

/** PostgreSQL takes no NUL, and has no venue and no device with one. */
const readNames = ({ venue, deviceNumber }: DeviceSignIn) => ({
  venue: venue.replaceAll('\u0000', ' '),
  deviceNumber: deviceNumber.replaceAll('\u0000', ' '),
});

interface NewDeviceSession {
  readonly id: string;
  /** Whose code was found right. */
  readonly device: StoredDevice;
  readonly lifetimeSeconds: number;
  readonly client: ClientTrace;
  readonly refreshTokenHash: Buffer;
}

/** Null when the device was removed, or its code changed a moment ago. */
async function openDeviceSession(
  work: Work,
  { id, device: found, lifetimeSeconds, client, refreshTokenHash }: NewDeviceSession,
): Promise<{ readonly session: Session; readonly device: Device; readonly ended: readonly string[] } | null> {
  const { tx, now } = work;
  const device = await lockSignInDevice(tx, found);
  if (!device) return null;
  const { venueId, id: deviceId } = device;
  const ended = await endSessions(work, { deviceId, which: 'all', reason: 'SIGNED_IN_AGAIN' });
  await retireDeviceSessions(tx, deviceId, now);
  const session: Session = {
    id,
    venueId,
    holder: { deviceId },
    createdAt: now,
    lastUsedAt: now,
    expiresAt: new Date(now.getTime() + lifetimeSeconds * 1000),
    ...parseClientTrace(client),
  };
  await insertSession(tx, session);
  await insertRefreshToken(tx, { hash: refreshTokenHash, venueId, sessionId: id, at: now });
  work.emit({ type: 'auth.session-opened', venueId, sessionId: id, deviceId });
  return { session, device, ended };
}
