import {
  defaultFieldResolver,
  defaultTypeResolver,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
  locatedError,
  type OperationDefinitionNode,
  responsePathAsArray,
} from 'graphql';
import type { FieldPlan, Selection, Shape } from './frame-plan.ts';

/** One execution, and what it has in common with the others of its operation. */
export interface Run {
  readonly shared: {
    readonly schema: GraphQLSchema;
    readonly operation: OperationDefinitionNode;
    readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
    readonly variableValues: Record<string, unknown>;
    /** @throws GraphQLError for arguments that are missing */
    argumentsOf(field: FieldPlan): Record<string, unknown>;
  };
  readonly contextValue: unknown;
  readonly rootValue: unknown;
  /** Null while there are none. */
  errors: FieldErrors | null;
}

export type Data = Record<string, unknown>;

/** An object without what others inherit: a client may call a field `__proto__`. */
// biome-ignore lint/complexity/noStaticOnlyClass: objects are made of it
class Fields {
  static {
    Object.setPrototypeOf(Fields.prototype, null);
  }
}

type Path = GraphQLResolveInfo['path'] | undefined;

/** Where a value stands. */
interface Place {
  readonly field: FieldPlan;
  readonly info: GraphQLResolveInfo;
  readonly path: Path;
}

/** What a resolver is told of its field, and where that stands. Most ask for little of it, so nothing is made before. */
class Info implements GraphQLResolveInfo, Place {
  readonly field: FieldPlan;
  readonly #run: Run;
  readonly #prev: Path;
  #path: GraphQLResolveInfo['path'] | null = null;

  constructor(run: Run, field: FieldPlan, prev: Path) {
    this.field = field;
    this.#run = run;
    this.#prev = prev;
  }

  get info(): this {
    return this;
  }

  get path() {
    this.#path ??= { prev: this.#prev, key: this.field.key, typename: this.field.parentType.name };
    return this.#path;
  }

  get fieldName() {
    return this.field.definition.name;
  }

  get fieldNodes() {
    return this.field.nodes;
  }

  get returnType() {
    return this.field.definition.type;
  }

  get parentType() {
    return this.field.parentType;
  }

  get schema() {
    return this.#run.shared.schema;
  }

  get fragments() {
    return this.#run.shared.fragments;
  }

  get rootValue() {
    return this.#run.rootValue;
  }

  get operation() {
    return this.#run.shared.operation;
  }

  get variableValues() {
    return this.#run.shared.variableValues;
  }
}

/** The errors of fields, those left out that stand below what became null for another. */
export class FieldErrors {
  readonly list: GraphQLError[] = [];
  readonly #places = new Set<Path>();

  add(error: GraphQLError, path: Path): void {
    for (let place = path; place; place = place.prev) if (this.#places.has(place)) return;
    if (this.#places.has(undefined)) return;
    this.#places.add(path);
    this.list.push(error);
  }
}

/** Resolves and completes what is selected of an object. @throws what makes it null */
export function completeFields(
  run: Run,
  fields: readonly FieldPlan[],
  { source, path }: { readonly source: unknown; readonly path: Path },
): Data | Promise<Data> {
  const data = new Fields() as Data;
  let isPromised = false;
  try {
    for (const field of fields) {
      const value = completeField(run, field, source, path);
      data[field.key] = value;
      isPromised ||= isThenable(value);
    }
  } catch (error) {
    // The others are heard, for they may fail as well.
    if (isPromised) return allOf(data).finally(() => Promise.reject(error));
    throw error;
  }
  return isPromised ? allOf(data) : data;
}

const allOf = (data: Data): Promise<Data> =>
  Promise.all(Object.values(data)).then((values) =>
    Object.fromEntries(Object.keys(data).map((key, at) => [key, values[at]])),
  );

function completeField(run: Run, field: FieldPlan, source: unknown, prev: Path): unknown {
  const { definition, shape } = field;
  const info = new Info(run, field, prev);
  try {
    const resolve = definition.resolve ?? defaultFieldResolver;
    const value = resolve(source, run.shared.argumentsOf(field), run.contextValue, info);
    // Most are texts and numbers, which are nothing else.
    if (shape.kind === 'LEAF' && (typeof value === 'string' || typeof value === 'number'))
      return completeLeaf(shape, value);
    return settled(run, shape, info, value);
  } catch (error) {
    return failed(run, shape, info, error);
  }
}

/** Completes a value that may have to be waited for. */
function settled(run: Run, shape: Shape, place: Place, value: unknown): unknown {
  const completed = isThenable(value)
    ? value.then((found) => complete(run, shape, place, found))
    : complete(run, shape, place, value);
  if (!isThenable(completed)) return completed;
  return completed.then(undefined, (error) => failed(run, shape, place, error));
}

/** Null, where it may be. @throws the error with its place, where it may not */
function failed(run: Run, { isRequired }: Shape, { field, path }: Place, error: unknown): null {
  const located = locatedError(error, field.nodes, path && responsePathAsArray(path));
  if (isRequired) throw located;
  run.errors ??= new FieldErrors();
  run.errors.add(located, path);
  return null;
}

function complete(run: Run, shape: Shape, place: Place, value: unknown): unknown {
  if (value instanceof Error) throw value;
  const completed = value == null ? null : completeKind(run, shape, place, value);
  if (completed !== null || !shape.isRequired) return completed;
  const { parentType, fieldName } = place.info;
  throw new Error(`Cannot return null for non-nullable field ${parentType.name}.${fieldName}.`);
}

function completeKind(run: Run, shape: Shape, place: Place, value: unknown): unknown {
  switch (shape.kind) {
    case 'LEAF':
      return completeLeaf(shape, value);
    case 'LIST':
      return completeList(run, shape.item, place, value);
    case 'OBJECT':
      return completeObject(run, shape, place, value);
    case 'ABSTRACT': {
      const resolveType = shape.type.resolveType ?? defaultTypeResolver;
      const named = resolveType(value, run.contextValue, place.info, shape.type);
      const of = (name: unknown) =>
        completeObject(run, { ...shape, type: objectTypeOf(run, shape.type, place, name) }, place, value);
      return isThenable(named) ? named.then(of) : of(named);
    }
  }
}

function completeLeaf({ type }: { readonly type: GraphQLLeafType }, value: unknown): unknown {
  const serialized = type.serialize(value);
  if (serialized != null) return serialized;
  throw new Error(`${type.name} serialized what is not null as ${serialized}.`);
}

function completeList(run: Run, shape: Shape, place: Place, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) {
    const { parentType, fieldName } = place.info;
    throw new GraphQLError(
      `Expected Iterable, but did not find one for field "${parentType.name}.${fieldName}".`,
    );
  }
  const items: unknown[] = [];
  let isPromised = false;
  try {
    for (const item of value as Iterable<unknown>) {
      const path = { prev: place.path, key: items.length, typename: undefined };
      const completed = completeItem(run, shape, { field: place.field, info: place.info, path }, item);
      isPromised ||= isThenable(completed);
      items.push(completed);
    }
  } catch (error) {
    // The items before it may fail as well, and that is nothing to anybody any more.
    if (isPromised) void Promise.allSettled(items);
    throw error;
  }
  return isPromised ? Promise.all(items) : items;
}

function completeItem(run: Run, shape: Shape, place: Place, item: unknown): unknown {
  try {
    return settled(run, shape, place, item);
  } catch (error) {
    return failed(run, shape, place, error);
  }
}

interface ObjectShape {
  readonly type: GraphQLObjectType;
  readonly selection: Selection;
}

function completeObject(run: Run, { type, selection }: ObjectShape, place: Place, source: unknown): unknown {
  const fields = selection.fieldsOf(type);
  const { path } = place;
  if (!type.isTypeOf) return completeFields(run, fields, { source, path });
  const checked = (is: boolean) => {
    if (is) return completeFields(run, fields, { source, path });
    throw new GraphQLError(`Expected value of type "${type.name}".`, { nodes: place.field.nodes });
  };
  const isOf = type.isTypeOf(source, run.contextValue, place.info);
  return isThenable(isOf) ? isOf.then(checked) : checked(isOf);
}

/** @throws GraphQLError for a name that is none of the type's, in the words of graphql-js */
function objectTypeOf(
  { shared: { schema } }: Run,
  abstract: GraphQLAbstractType,
  { field: { nodes }, info }: Place,
  name: unknown,
): GraphQLObjectType {
  const refusal = (why: string) => new GraphQLError(why, { nodes });
  if (typeof name !== 'string')
    throw refusal(
      `Abstract type "${abstract.name}" must resolve to an Object type at runtime for field "${info.parentType.name}.${info.fieldName}". Either the "${abstract.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
    );
  const type = schema.getType(name);
  if (!type)
    throw refusal(
      `Abstract type "${abstract.name}" was resolved to a type "${name}" that does not exist inside the schema.`,
    );
  if (!isObjectType(type))
    throw refusal(`Abstract type "${abstract.name}" was resolved to a non-object type "${name}".`);
  if (schema.isSubType(abstract, type)) return type;
  throw refusal(`Runtime Object type "${name}" is not a possible type for "${abstract.name}".`);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' && typeof value !== 'function') return false;
  return typeof (value as PromiseLike<unknown> | null)?.then === 'function';
}
