import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { aTransfer } from '../support/aft.ts';
import { aFloorApp } from '../support/app.ts';
import { aLine } from '../support/floor.ts';
import { aHandpay } from '../support/handpay.ts';
import { aDeposit, apply, aWallet } from '../support/money.ts';

/** What happened at machines that nobody drives, one thing of each kind a minute. */
const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork } = floor.app().services;
const minute = (at: number) => new Date(Date.UTC(2026, 0, 1, 12, at));
const { id: walletId } = await aWallet(runWork, { venueId });
await apply(runWork, [aDeposit({ venueId, walletId, amountMinor: 1_000n })]);
const id = encodeGlobalId('Machine', await happened());

/** All events and handpays at one machine; a transfer at each, for a machine does one at a time. */
async function happened(): Promise<string> {
  await using owner = openDatabase({ connection: floor.connection, poolSize: 1, applicationName: 'owner' });
  const { machines } = await aLine(runWork, { venueId, machines: 5, drivenBy: 'elsewhere' });
  const machineId = machines[0]?.id ?? '';
  await owner.db.updateTable('machine').set({ connection: 'ONLINE' }).execute();
  for (const [at, machine] of machines.entries()) {
    await owner.db
      .insertInto('machine_event')
      .values({
        id: newId(),
        venue_id: venueId,
        machine_id: machineId,
        type: 'SLOT_DOOR_OPENED',
        exception_code: 0x11,
        data: null,
        occurred_at: minute(at),
      })
      .execute();
    await aHandpay(runWork, { venueId, machineId, pendingAt: minute(at) });
    const transferId = await aTransfer(runWork, { venueId, walletId, machineId: machine.id });
    await sql`update aft_transfer set requested_at = ${minute(at)} where id = ${transferId}`.execute(
      owner.db,
    );
  }
  return machineId;
}

type Happened = Readonly<Record<string, string>> & { readonly machine: { readonly id: string } };

test.each([
  ['machineEvents', 'events', 'occurredAt', 'types: [SLOT_DOOR_OPENED]'],
  ['aftTransfers', 'aftTransfers', 'requestedAt', ''],
  ['handpays', 'handpays', 'pendingAt', ''],
])(
  '%s are listed of a time, its end left out, at the venue and at a machine',
  async (name, field, time, chosen) => {
    const page = `${chosen} from: $from, to: $to) { totalCount nodes { ${time} machine { id } } }`;
    const times = async (variables: { from?: Date; to?: Date }) => {
      const { data, errors } = await floor.ask(
        `query ($id: ID!, $from: DateTime, $to: DateTime) { ${name}(${page} machine(id: $id) { ${field}(${page} } }`,
        { as: 'ADMIN', variables: { id, ...variables } },
      );
      expect(errors).toBeUndefined();
      const { nodes, totalCount } = data[name];
      expect(totalCount).toBe(nodes.length);
      const own = nodes.filter(({ machine }: Happened) => machine.id === id);
      expect(data.machine[field]).toEqual({ nodes: own, totalCount: own.length });
      return nodes.map((node: Happened) => node[time]);
    };
    const all = [4, 3, 2, 1, 0].map((at) => minute(at).toISOString());
    expect(await times({})).toEqual(all);
    expect(await times({ from: minute(3) })).toEqual(all.slice(0, 2));
    expect(await times({ to: minute(1) })).toEqual(all.slice(4));
    expect(await times({ from: minute(1), to: minute(3) })).toEqual(all.slice(2, 4));
    expect(await times({ from: minute(3), to: minute(1) })).toEqual([]);
  },
);
