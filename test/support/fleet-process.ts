import type { DeviceIdentity } from '../../src/player/device-session.ts';
import { createFleet, type Fleet, type Sight } from './fleet.ts';

/** A process with a part of a fleet: `remote-fleet.ts` starts it and tells it what to do. */

export type FleetOrder =
  | { readonly kind: 'BEGIN'; readonly url: string; readonly identities: readonly DeviceIdentity[] }
  | { readonly kind: 'ON' | 'OFF'; readonly players: readonly number[] };

export type FleetWord =
  | { readonly kind: 'DONE' }
  | { readonly kind: 'FAILED'; readonly reason: string }
  | { readonly kind: 'SIGHTS'; readonly sights: readonly Sight[] };

const say = (word: FleetWord): void => void process.send?.(word);

let fleet: Fleet | null = null;
let waiting: Sight[] = [];

/** Many change in one moment: they are told together. */
function onSight(sight: Sight): void {
  if (waiting.length === 0)
    setImmediate(() => {
      say({ kind: 'SIGHTS', sights: waiting });
      waiting = [];
    });
  waiting.push(sight);
}

async function obey(order: FleetOrder): Promise<void> {
  if (order.kind === 'BEGIN') fleet = createFleet({ ...order, onSight });
  else if (order.kind === 'ON') await fleet?.switchOn(order.players);
  else await fleet?.switchOff(order.players);
}

process.on('message', (order: FleetOrder) => {
  obey(order).then(
    () => say({ kind: 'DONE' }),
    (error: unknown) => say({ kind: 'FAILED', reason: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
