import SchemaBuilder, {
  BasePlugin,
  type PothosInterfaceTypeConfig,
  type PothosUnionTypeConfig,
  type SchemaTypes,
} from '@pothos/core';
import { errorTypeMap } from '@pothos/plugin-errors';
import type { GraphQLTypeResolver } from 'graphql';
import type { DomainError } from '../lib/errors.ts';
import type { Context } from './context.ts';

/** The name under which the builder lists this plugin. */
export const ANSWERED_ERRORS = 'answeredErrors';

type TypeResolver<Types extends SchemaTypes> = GraphQLTypeResolver<unknown, Types['Context']>;

/**
 * Tells the request of each error that is answered as a member of a result. No list of `errors` has it, so the transport,
 * which keeps the log and the counts, would never hear of it. Every member is asked for its type exactly once, whichever
 * way it came there: thrown, returned, or one of a list.
 */
class AnsweredErrorsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolveType(
    resolveType: TypeResolver<Types>,
    _type: PothosInterfaceTypeConfig | PothosUnionTypeConfig,
  ): TypeResolver<Types> {
    return (value, context, info, type) => {
      if (typeof value === 'object' && value !== null && errorTypeMap.has(value))
        // Only subclasses of DomainError become types of the schema: error-type.ts.
        (context as unknown as Context).onErrorMember?.((value as DomainError).code);
      return resolveType(value, context, info, type);
    };
  }
}

SchemaBuilder.registerPlugin(ANSWERED_ERRORS, AnsweredErrorsPlugin);

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      answeredErrors: AnsweredErrorsPlugin<Types>;
    }
  }
}
