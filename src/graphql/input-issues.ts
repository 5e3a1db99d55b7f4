import { channel } from 'node:diagnostics_channel';
import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import {
  type GraphQLFieldResolver,
  type GraphQLInputType,
  type GraphQLResolveInfo,
  getNullableType,
  isInputObjectType,
  isListType,
} from 'graphql';
import { ValidationError } from '../lib/errors.ts';
import { InvalidIdError, InvalidInputError } from './errors.ts';

/** The name under which the builder lists this plugin. */
export const INPUT_ISSUES = 'inputIssues';

/**
 * Told of each place that a domain names and the field has no argument for. That is a mistake of ours, for which the
 * caller is told the message alone; the tests fail on it.
 */
export const MISPLACED = channel('floorwire:misplaced-issue');

export interface Misplaced {
  readonly field: string;
  readonly path: readonly string[];
  readonly message: string;
}

type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>;

/** As far as it is asked for its arguments. */
type Field = Pick<GraphQLResolveInfo, 'parentType' | 'fieldName'>;

/**
 * Domains name the member of a command that is wrong; this makes a path into the arguments of it. It is inside the plugin
 * that makes members of results of what is thrown, and around the decoding of ids, which happens before the resolver.
 */
class InputIssuesPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(resolve: Resolver<Types>, field: PothosOutputFieldConfig<Types>): Resolver<Types> {
    return hasArguments(field) ? placing(resolve) : resolve;
  }

  override wrapArgMappers(
    resolve: Resolver<Types> | undefined,
    field: PothosOutputFieldConfig<Types>,
  ): Resolver<Types> | undefined {
    return resolve && hasArguments(field) ? placing(resolve) : resolve;
  }
}

const hasArguments = ({ args }: { readonly args: object }): boolean => Object.keys(args).length > 0;

function placing<Context>(
  resolve: GraphQLFieldResolver<unknown, Context, object>,
): GraphQLFieldResolver<unknown, Context, object> {
  return (parent, args, context, info) => {
    try {
      const result = resolve(parent, args, context, info);
      if (!(result instanceof Promise)) return result;
      return result.catch((error: unknown) => {
        throw placed(error, args, info);
      });
    } catch (error) {
      throw placed(error, args, info);
    }
  };
}

function placed(error: unknown, args: object, field: Field): unknown {
  if (error instanceof InvalidIdError) return placedId(error, args, field);
  if (!(error instanceof ValidationError) || error instanceof InvalidInputError) return error;
  if (error.field.length === 0) return error;
  const path = pathInto(argumentsOf(field), error.field);
  if (path) return new InvalidInputError(error.message, path, { cause: error });
  MISPLACED.publish({
    field: `${field.parentType.name}.${field.fieldName}`,
    path: error.field,
    message: error.message,
  } satisfies Misplaced);
  return error;
}

/** The path of a member: of an argument itself, or of `input`, which most mutations take. Null where there is none. */
function pathInto(args: ReadonlyMap<string, GraphQLInputType>, field: readonly string[]): string[] | null {
  const path = args.has(field[0] ?? '') ? [...field] : ['input', ...field];
  const [first = '', ...rest] = path;
  return leadsSomewhere(args.get(first), rest) ? path : null;
}

function leadsSomewhere(type: GraphQLInputType | undefined, [step, ...rest]: readonly string[]): boolean {
  if (!type) return false;
  if (step === undefined) return true;
  const inner = getNullableType(type);
  if (isListType(inner)) return /^\d+$/.test(step) && leadsSomewhere(inner.ofType, rest);
  return isInputObjectType(inner) && leadsSomewhere(inner.getFields()[step]?.type, rest);
}

function argumentsOf({ parentType, fieldName }: Field): ReadonlyMap<string, GraphQLInputType> {
  return new Map(parentType.getFields()[fieldName]?.args.map(({ name, type }) => [name, type]));
}

/** Ids are decoded one by one and by no name: the place is where the text stands, if it stands in one only. */
function placedId(error: InvalidIdError, args: object, field: Field): InvalidIdError {
  if (error.issues.length > 0) return error;
  const [path, ...others] = [...argumentsOf(field)].flatMap(([name, type]) =>
    idsIn(type, Reflect.get(args, name), error.text).map((rest) => [name, ...rest]),
  );
  if (!path || others.length > 0) return error;
  const { message, text } = error;
  return new InvalidIdError(message, { text, issues: [{ path, message }], cause: error });
}

/** Where this text is given as an id. */
function idsIn(type: GraphQLInputType, value: unknown, text: string): string[][] {
  const inner = getNullableType(type);
  if (isListType(inner) && Array.isArray(value))
    return value.flatMap((entry, at) =>
      idsIn(inner.ofType, entry, text).map((rest) => [String(at), ...rest]),
    );
  if (isInputObjectType(inner) && typeof value === 'object' && value !== null)
    return Object.entries(inner.getFields()).flatMap(([name, { type: member }]) =>
      idsIn(member, Reflect.get(value, name), text).map((rest) => [name, ...rest]),
    );
  return 'name' in inner && inner.name === 'ID' && value === text ? [[]] : [];
}

SchemaBuilder.registerPlugin(INPUT_ISSUES, InputIssuesPlugin);

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      inputIssues: InputIssuesPlugin<Types>;
    }
  }
}
