import SchemaBuilder, {
  BasePlugin,
  completeValue,
  type PothosOutputFieldConfig,
  PothosSchemaError,
  type SchemaTypes,
} from '@pothos/core';
import type { AuthScopeMap, ForbiddenResult } from '@pothos/plugin-scope-auth';
import type { GraphQLFieldResolver } from 'graphql';
import type { Context } from './context.ts';
import { unauthorized } from './errors.ts';

/** The name under which the builder lists this plugin. */
export const ROOT_FIELDS = 'rootFields';

const ROOT_KINDS: readonly string[] = ['Query', 'Mutation', 'Subscription'];
/** A subscription is asked when it is planned, and again when rights change; its events are executed for a view. */
const CHECKED_KINDS: readonly string[] = ['Query', 'Mutation'];

type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>;

/**
 * Deny by default: a root field that does not say who may use it ends the start of the server.
 *
 * The scopes are also asked before arguments are decoded or validated, so that whoever may not
 * use a field learns nothing from what it says about his input.
 */
class RootFieldsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    if (!ROOT_KINDS.includes(field.kind)) return field;
    const scopes: unknown = field.pothosOptions.authScopes;
    if (!isScopeMap(scopes))
      throw new PothosSchemaError(`${field.kind}.${field.name} must name its authScopes.`);
    if (isRefusable(scopes) && field.kind !== 'Subscription' && !isNullable(field)) {
      throw new PothosSchemaError(`${field.kind}.${field.name} can be refused, so it must be nullable.`);
    }
    return field;
  }

  /** @throws the refusal of a caller who does not have these scopes */
  private require(scopes: object, context: Types['Context']): void | Promise<void> {
    const refusal = (forbidden: ForbiddenResult) => unauthorized(context as unknown as Context, forbidden);
    return this.builder.runAuthScopes(context, scopes as AuthScopeMap<Types>, refusal);
  }

  override wrapArgMappers(
    resolve: Resolver<Types> | undefined,
    field: PothosOutputFieldConfig<Types>,
  ): Resolver<Types> | undefined {
    const scopes: unknown = field.pothosOptions.authScopes;
    if (!resolve || !CHECKED_KINDS.includes(field.kind) || !isScopeMap(scopes) || !isRefusable(scopes))
      return resolve;
    return (parent, args, context, info) =>
      completeValue(this.require(scopes, context), () => resolve(parent, args, context, info));
  }
}

const isScopeMap = (scopes: unknown): scopes is object =>
  typeof scopes === 'object' && scopes !== null && Object.keys(scopes).length > 0;

const isRefusable = (scopes: object): boolean => !('anonymous' in scopes);

const isNullable = (field: { readonly type: { readonly nullable: boolean } }): boolean => field.type.nullable;

SchemaBuilder.registerPlugin(ROOT_FIELDS, RootFieldsPlugin);

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      rootFields: RootFieldsPlugin<Types>;
    }
  }
}
