import { MAX_SEARCH, parseSearch } from '../lib/search.ts';
import type { Layout } from '../signage/layout.ts';
import { countLayouts, listLayouts } from '../signage/layout-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import { LayoutStatusEnum, LayoutType } from './layout-type.ts';
import { resolvePage } from './page.ts';

const LayoutConnection = builder.connectionObject(
  { type: LayoutType, name: 'LayoutConnection', description: 'One page of layouts, the newest first.' },
  { name: 'LayoutEdge' },
);

builder.queryField('layout', (t) =>
  t.field({
    type: LayoutType,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_READ' },
    description:
      'One layout. The subscription `layoutUpdates` tells what becomes of it. Needs SIGNAGE_READ (AUTH_004).',
    args: { id: t.arg.id({ required: true, description: 'Which; one that does not exist gives API_002.' }) },
    resolve: (_root, { id }) => decodeIdOf('Layout', id),
  }),
);

builder.queryField('layouts', (t) =>
  t.connection(
    {
      type: LayoutType,
      nullable: true,
      authScopes: { scope: 'SIGNAGE_READ' },
      description: 'The layouts of the venue, the newest first. Needs SIGNAGE_READ (AUTH_004).',
      args: {
        status: t.arg({ type: LayoutStatusEnum, description: 'Only what stands like this.' }),
        search: t.arg.string({
          description: `Only what has this in its name, in whatever case; at most ${MAX_SEARCH} characters (API_001).`,
        }),
      },
      resolve: (_root, { status, search, ...args }, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const filter = { status: status ?? null, search: search?.trim() ? parseSearch(search) : null };
        return resolvePage(args, {
          keyOf: ({ createdAt, id }: Layout) => ({ at: createdAt, id }),
          load: (range) => listLayouts(db, venueId, { filter, range }),
          count: () => countLayouts(db, venueId, filter),
        });
      },
    },
    LayoutConnection,
  ),
);
