import { expect, test } from 'vitest';
import type { BoundValue } from '../../src/signage/bound-value.ts';
import type { Binding } from '../../src/signage/region.ts';
import { createScreenValues, type ScreenValue } from '../../src/signage/screen-values.ts';
import type { ShownValue } from '../../src/signage/watched-value.ts';
import { eventually } from '../support/deadline.ts';

const meterOf = (machineId: string): Binding => ({ kind: 'METER', machineId, meter: 'COIN_IN' });
const shownAs = (value: bigint): ShownValue => ({
  value: { kind: 'METER', name: 'One', code: 0, value, money: null } satisfies BoundValue,
  readAt: new Date(),
});

test('while the other values of a layout are read, one that is heard to be another is not told as it was before', async () => {
  const hearers = new Map<string, (shown: ShownValue) => void>();
  const reading = new Map<string, (shown: ShownValue) => void>();
  const told: ScreenValue[] = [];
  const values = createScreenValues({
    venueId: 'venue',
    shelf: {
      get: async () => ({
        regions: ['one', 'other'].map((id) => ({ id, content: { kind: 'LIVE', binding: meterOf(id) } })),
      }),
    } as never,
    board: {
      watch(_venueId, binding, hear) {
        hearers.set(nameOf(binding), hear);
        return { [Symbol.dispose]() {} };
      },
      read: (_venueId, binding) => new Promise((resolve) => reading.set(nameOf(binding), resolve)),
      reads: () => 0,
    },
    hear: (value) => told.push(value),
  });
  const shown = values.show({ version: 1n, layout: { layoutId: 'layout', revision: 1 } });
  await eventually(() => reading.size === 2);
  reading.get('one')?.(shownAs(1n));
  await Promise.resolve();
  hearers.get('one')?.(shownAs(2n));
  reading.get('other')?.(shownAs(5n));
  told.push(...(await shown));
  const amounts = told.flatMap(({ regionIds, value }) =>
    value?.kind === 'METER' ? [[...regionIds, value.value]] : [],
  );
  expect(amounts).toEqual([
    ['one', 2n],
    ['one', 2n],
    ['other', 5n],
  ]);
});

const nameOf = (binding: Binding): string => (binding.kind === 'METER' ? binding.machineId : '');
