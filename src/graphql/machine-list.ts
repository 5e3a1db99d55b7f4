import { parseSearch } from '../lib/search.ts';
import type { Machine } from '../machine/machine.ts';
import { countMachines, listMachines, type MachineFilter } from '../machine/machine-list-store.ts';
import { getMachine } from '../machine/service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';
import { MachineStatusEnum, MachineType } from './machine-type.ts';
import { resolvePage } from './page.ts';
import { SasLineType } from './sas-line.ts';

builder.queryFields((t) => ({
  machine: t.field({
    type: MachineType,
    nullable: true,
    authScopes: { scope: 'MACHINES_READ' },
    description:
      'One machine. An id that does not exist, or is another venue’s, gives API_002. Needs MACHINES_READ (AUTH_004).',
    args: { id: t.arg.id({ required: true, description: 'The machine’s id.' }) },
    resolve: (_root, { id }, context) =>
      getMachine(context.read, venueIdOf(context), decodeIdOf('Machine', id)),
  }),
  machines: t.connection(
    {
      type: MachineType,
      nullable: true,
      authScopes: { scope: 'MACHINES_READ' },
      description:
        'The venue’s machines, the first registered first, without those that were removed unless `statuses` names REMOVED. For how many are in a state, select `totalCount` of a page of one. Needs MACHINES_READ (AUTH_004).',
      args: {
        lineId: t.arg.id({ description: 'Only on this line. One that does not exist gives API_002.' }),
        statuses: t.arg({
          type: [MachineStatusEnum],
          description: 'Only those in one of these states, at least one (API_001).',
        }),
        search: t.arg.string({
          description:
            'Only with this in its name, serial number or asset number, in any case: 1 to 100 characters (API_001).',
        }),
      },
      resolve: async (_root, { lineId, statuses, search, ...args }, context) => {
        const venueId = venueIdOf(context);
        const filter: MachineFilter = {
          lineId: lineId == null ? null : await lineOf(lineId, context),
          statuses: statuses ?? null,
          search: search == null ? null : parseSearch(search),
        };
        return await resolvePage(args, {
          keyOf: ({ createdAt, id }: Machine) => ({ at: createdAt, id }),
          load: (range) => listMachines(context.db, venueId, { filter, range }),
          count: () => countMachines(context.db, venueId, filter),
        });
      },
    },
    { name: 'MachineConnection' },
    { name: 'MachineEdge' },
  ),
}));

/** @throws NotFoundError */
async function lineOf(globalId: string, context: Context): Promise<string> {
  const { id } = await SasLineType.getDataloader(context).load(decodeIdOf('SasLine', globalId));
  return id;
}
