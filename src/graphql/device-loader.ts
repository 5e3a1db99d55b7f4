import DataLoader from 'dataloader';
import type { Device } from '../auth/device.ts';
import type { Context } from './context.ts';
import { oncePerContext } from './per-context.ts';

/**
 * One query for what the devices of a list have; its answers live as long as their context. Null for what has none. All
 * devices of one context are of one venue, also where nobody has signed in yet.
 */
export function perDevice<Value>(
  find: (
    context: Context,
    venueId: string,
    deviceIds: readonly string[],
  ) => Promise<ReadonlyMap<string, Value>>,
): (context: Context, device: Device) => Promise<Value | null> {
  const loaderOf = oncePerContext((context) => {
    return new DataLoader<Device, Value | null, string>(
      async (devices) => {
        const [{ venueId } = { venueId: '' }] = devices;
        const found = await find(
          context,
          venueId,
          devices.map(({ id }) => id),
        );
        return devices.map(({ id }) => found.get(id) ?? null);
      },
      { cacheKeyFn: ({ id }) => id },
    );
  });
  return (context, device) => loaderOf(context).load(device);
}
