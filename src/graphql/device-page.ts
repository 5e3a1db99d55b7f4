import type { Device } from '../auth/device.ts';
import { countDevices, type DeviceFilter, listDevices } from '../signage/device-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { DeviceType } from './device-type.ts';
import { type Page, type PageArguments, resolvePage } from './page.ts';

export const DeviceConnection = builder.connectionObject(
  { type: DeviceType, name: 'DeviceConnection', description: 'One page of devices, the newest first.' },
  { name: 'DeviceEdge' },
);

const NO_FILTER: DeviceFilter = {
  kind: null,
  status: null,
  tag: null,
  groupId: null,
  resourceId: null,
  among: null,
  search: null,
};

/** A page of the devices of the caller's venue that are in use. @throws ValidationError */
export function devicePage(
  context: Pick<Context, 'db' | 'rights'>,
  args: PageArguments,
  given: Partial<DeviceFilter>,
): Promise<Page<Device>> {
  const venueId = venueIdOf(context);
  const filter = { ...NO_FILTER, ...given };
  return resolvePage(args, {
    keyOf: ({ createdAt, id }: Device) => ({ at: createdAt, id }),
    load: (range) => listDevices(context.db, venueId, { filter, range }),
    count: () => countDevices(context.db, venueId, filter),
  });
}
