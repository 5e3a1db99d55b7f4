import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import { ValidationError } from '../lib/errors.ts';

/** The name under which the builder lists this plugin. */
export const LIST_FILTERS = 'listFilters';

/** `nodes` of no ids are none: its list is what is asked for and keeps nothing away. */
const NO_FILTERS: readonly string[] = ['Query.nodes'];

type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>;

/**
 * A list that chooses what is shown names something, in a query as in a stream: who sends an empty one has lost what he
 * meant, and would be shown nothing for ever, or everything. Without the argument there is no choice.
 *
 * Inputs of mutations say themselves what an empty list does.
 */
class ListFiltersPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(resolve: Resolver<Types>, field: PothosOutputFieldConfig<Types>): Resolver<Types> {
    // Of a stream it is asked once, not for each of its events.
    return field.kind === 'Subscription' ? resolve : refusingEmpty(resolve, field);
  }

  override wrapSubscribe(
    subscribe: Resolver<Types> | undefined,
    field: PothosOutputFieldConfig<Types>,
  ): Resolver<Types> | undefined {
    return subscribe && refusingEmpty(subscribe, field);
  }
}

function refusingEmpty<Types extends SchemaTypes>(
  resolve: Resolver<Types>,
  field: PothosOutputFieldConfig<Types>,
): Resolver<Types> {
  const lists = listsOf(field);
  if (lists.length === 0) return resolve;
  return (parent, args, context, info) => {
    const empty = lists.find((name) => isEmptyList((args as Readonly<Record<string, unknown>>)[name]));
    if (empty !== undefined)
      throw new ValidationError(`${empty} takes at least one entry.`, { field: empty });
    return resolve(parent, args, context, info);
  };
}

function listsOf<Types extends SchemaTypes>(field: PothosOutputFieldConfig<Types>): readonly string[] {
  if (field.kind === 'Mutation' || NO_FILTERS.includes(`${field.parentType}.${field.name}`)) return [];
  return Object.entries(field.args).flatMap(([name, { type }]) => (type.kind === 'List' ? [name] : []));
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

SchemaBuilder.registerPlugin(LIST_FILTERS, ListFiltersPlugin);

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      listFilters: ListFiltersPlugin<Types>;
    }
  }
}
