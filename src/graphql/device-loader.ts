import DataLoader from 'dataloader';
import type { Device } from '../auth/device.ts';
import type { Context } from './context.ts';

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
  const loaders = new WeakMap<Context, DataLoader<Device, Value | null, string>>();
  return (context, device) => {
    const known = loaders.get(context);
    if (known) return known.load(device);
    const loader = new DataLoader<Device, Value | null, string>(
      async (devices) => {
        const { venueId } = device;
        const found = await find(
          context,
          venueId,
          devices.map(({ id }) => id),
        );
        return devices.map(({ id }) => found.get(id) ?? null);
      },
      { cacheKeyFn: ({ id }) => id },
    );
    loaders.set(context, loader);
    return loader.load(device);
  };
}
