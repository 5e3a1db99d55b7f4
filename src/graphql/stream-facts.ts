import { type GraphQLSchema, getNamedType } from 'graphql';
import { builder } from './builder.ts';

/** What a client has to know of a subscription besides its type. */
interface StreamFacts {
  readonly name: string;
  readonly takesAfter: boolean;
  readonly beginsWithState: boolean;
  readonly pollArguments: readonly string[] | null;
}

export const StreamFactsType = builder.objectRef<StreamFacts>('RealtimeStream').implement({
  description: 'A field that can be subscribed to.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    takesAfter: t.exposeBoolean('takesAfter', {
      description: 'Whether it can be resumed with `after` and the `cursor` of the last frame.',
    }),
    beginsWithState: t.exposeBoolean('beginsWithState', {
      description:
        'Whether it begins with how things are, where `after` is not given; else with what happens from then on.',
    }),
    pollArguments: t.exposeStringList('pollArguments', {
      nullable: true,
      description:
        'The arguments of the query of the same name, which takes the same selection and says how things are, also as a list of what would be several frames; null where there is none.',
    }),
  }),
});

/** What begins with how things are. */
const STATES: ReadonlySet<string> = new Set([
  'deviceStatus',
  'jackpots',
  'layoutUpdates',
  'meters',
  'parking',
  'player',
  'slots',
  'systemStatus',
]);

/** The subscriptions of a schema, by name. */
export function streamFacts(schema: GraphQLSchema): StreamFacts[] {
  const queries = schema.getQueryType()?.getFields() ?? {};
  const streams = Object.values(schema.getSubscriptionType()?.getFields() ?? {});
  return streams
    .map(({ name, args, type }) => {
      const query = queries[name];
      const isSame = query !== undefined && getNamedType(query.type) === getNamedType(type);
      return {
        name,
        takesAfter: args.some((each) => each.name === 'after'),
        beginsWithState: STATES.has(name),
        pollArguments: isSame ? query.args.map((each) => each.name) : null,
      };
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}
