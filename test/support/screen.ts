import type { DeviceKind } from '../../src/auth/device.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import type { FloorApp } from './app.ts';
import { aDevice } from './builders.ts';
import { eventually } from './deadline.ts';
import { noteSecrets } from './secrets.ts';
import { connect, type SocketClient } from './socket-client.ts';

/** A device of the floor's venue that can follow its own stream. */
export interface Screen {
  readonly deviceId: string;
  readonly globalId: string;
  readonly accessToken: string;
  readonly credentials: {
    readonly deviceNumber: string;
    readonly serialNumber: string;
    readonly pairingCode: string;
  };
  /** Switches it on. */
  follow(after?: string | null): Promise<Played>;
}

/** What a device hears from when it was switched on. */
export interface Played {
  readonly socket: SocketClient;
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  readonly updates: () => readonly any[];
  /** The first update, or the first behind so many, for which this holds. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  until(holds: (update: any) => boolean, behind?: number): Promise<any>;
  /** Switches it off. */
  off(): void;
}

export const PLAYER = `subscription Player($after: Cursor) {
  player(after: $after) {
    __typename cursor skipped
    ... on LayoutPushed {
      displayVersion cause desiredAt
      layout { revision name width height regions { regionId name x y width height z } }
    }
    ... on ContentChanged { contentType contentId action }
    ... on FirmwareOffered { deployment { id state firmware { version url } } }
    ... on DeviceCommandIssued { command { id kind state parameters { seconds } expiresAt } }
    ... on BoundValueChanged {
      displayVersion regionIds
      value {
        __typename
        ... on BoundJackpot { name amount { amount currency } }
        ... on BoundMeter { name label unit value money { amount } }
        ... on BoundOccupancy { name capacity occupied reserved free isStale }
        ... on BoundSlotBoard { name date slots { startTime endTime startsAt state free } }
        ... on BoundMessage { type data sentAt }
      }
    }
  }
}`;

export async function aScreen(floor: FloorApp, kind: DeviceKind = 'SCREEN'): Promise<Screen> {
  const { auth, runWork } = floor.app().services;
  const { id, ...credentials } = await aDevice(runWork, { venueId: floor.venueId, kind });
  const trace = { userAgent: 'screen', address: '127.0.0.1' };
  const signedIn = await auth.authenticateDevice({ venue: 'casino', ...credentials }, trace);
  noteSecrets(signedIn);
  const { accessToken } = signedIn;
  return {
    deviceId: id,
    globalId: encodeGlobalId('Device', id),
    accessToken,
    credentials,
    async follow(after = null) {
      const socket = await connect({ port: Number(new URL(floor.app().url).port) });
      await socket.init({ accessToken });
      socket.subscribe('player', PLAYER, { after });
      const updates = () =>
        socket.messages
          .filter(({ id: operation, type }) => operation === 'player' && type === 'next')
          .map(({ payload }) => payload.data?.player ?? payload);
      return {
        socket,
        updates,
        until: (holds, behind = 0) => eventually(() => updates().slice(behind).find(holds)),
        off: () => socket.socket.close(),
      };
    },
  };
}
