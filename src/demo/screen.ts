import { pairingCodeHash } from '../auth/device.ts';
import { registerDevice } from '../auth/device-service.ts';
import { pushToDevices } from '../signage/display-service.ts';
import { createLayout } from '../signage/layout-service.ts';
import { publishLayout } from '../signage/publishing-service.ts';
import type { Binding, Content, Region } from '../signage/region.ts';
import type { Work } from '../work.ts';
import { DEMO_SCREEN } from './venue.ts';

const CANVAS = { width: 1920, height: 1080 };

/** Registers the demo's screen, and has it show a layout of words and of what is live on its floor. */
export async function seedScreen(
  work: Work,
  {
    venueId,
    machineIds,
    lotIds,
  }: {
    readonly venueId: string;
    /** Whose meters it shows. */
    readonly machineIds: readonly string[];
    /** Whose free places it shows. */
    readonly lotIds: readonly string[];
  },
): Promise<void> {
  const { pairingCode, ...particulars } = DEMO_SCREEN;
  const hash = pairingCodeHash(pairingCode);
  if (!hash) throw new Error('The pairing code of the demo is none.');
  const screen = await registerDevice(work, {
    ...particulars,
    venueId,
    kind: 'SCREEN',
    pairingCodeHash: hash,
  });
  const regions = regionsOf([
    ['welcome', 'Demo Venue', { kind: 'TEXT', text: 'Welcome!\nThe machines of this floor are simulated.' }],
    ...lotIds.map((lotId, at): Part => [`lot-${at + 1}`, 'Parking', live({ kind: 'OCCUPANCY', lotId })]),
    ...machineIds.map((machineId, at): Part => {
      const name = `Machine ${at + 1}`;
      return [`machine-${at + 1}`, name, live({ kind: 'METER', machineId, meter: 'GAMES_PLAYED' })];
    }),
  ]);
  const layout = await createLayout(work, { venueId, name: 'Lobby', ...CANVAS, regions });
  const { revision } = await publishLayout(work, {
    venueId,
    layoutId: layout.id,
    expectedVersion: layout.version,
    note: null,
  });
  await pushToDevices(work, { venueId, deviceIds: [screen.id] }, revision);
}

type Part = readonly [id: string, name: string, content: Content];

const live = (binding: Binding): Content => ({ kind: 'LIVE', binding });

/** Two in a row, from above. */
function regionsOf(parts: readonly Part[]): readonly Region[] {
  const width = CANVAS.width / 2;
  const height = Math.floor(CANVAS.height / Math.ceil(parts.length / 2));
  return parts.map(([id, name, content], at) => ({
    id,
    name,
    content,
    x: (at % 2) * width,
    y: Math.floor(at / 2) * height,
    width,
    height,
    z: 0,
  }));
}
