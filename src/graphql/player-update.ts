import { builder } from './builder.ts';

/** What every frame of a device's own stream has. */
export interface ShownUpdate {
  readonly cursor: string | null;
  readonly skipped: number;
}

export const PlayerUpdateInterface = builder.interfaceRef<ShownUpdate>('PlayerUpdate').implement({
  description: 'What a device is told on its own stream. Clients must survive kinds they do not know.',
  fields: (t) => ({
    cursor: t.expose('cursor', {
      type: 'Cursor',
      nullable: true,
      description: 'Go on behind it with `after`. Null for what is not in the log.',
    }),
    skipped: t.exposeInt('skipped', {
      description: 'How many changes of the same thing were left out since its frame before.',
    }),
  }),
});
