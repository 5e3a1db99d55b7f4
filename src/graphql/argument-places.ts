import {
  type ASTNode,
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isRequiredArgument,
  isRequiredInputField,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** From the outermost argument inwards, entries of lists counted from 0. */
export type ArgumentPath = readonly string[];

/** Where in the arguments of its fields and directives stands what a document is written of. */
export interface ArgumentPlaces {
  /** The places of a node: each use of the variable whose default value it is in; none outside of arguments. */
  of(node: ASTNode): readonly ArgumentPath[];
  /** Where the value of a variable is used. */
  ofVariable(name: string): readonly ArgumentPath[];
  /** What a field, a directive or an input object must be given and is not, by name. */
  missingAt(node: ASTNode): readonly string[];
}

interface Place {
  /** In whose default value it is; null: in an argument. */
  readonly variable: string | null;
  readonly path: ArgumentPath;
}

export function argumentPlaces(schema: GraphQLSchema, document: DocumentNode): ArgumentPlaces {
  const types = new TypeInfo(schema);
  const places = new Map<ASTNode, Place>();
  const uses = new Map<string, ArgumentPath[]>();
  const missing = new Map<ASTNode, readonly string[]>();
  const around: (Place | null)[] = [];

  const ofVariable = (name: string) => uses.get(name) ?? [];
  const visitor = {
    enter(...[node, key, parent, , ancestors]: Entered) {
      const place = placeOf(node, { key, parent, list: ancestors.at(-1), outer: around.at(-1) ?? null });
      around.push(place);
      if (place) places.set(node, place);
      if (node.kind === Kind.VARIABLE && place?.variable === null)
        uses.set(node.name.value, [...ofVariable(node.name.value), place.path]);
      const names = missingIn(node, types);
      if (names.length > 0) missing.set(node, names);
    },
    leave: () => void around.pop(),
  };
  visit(document, visitWithTypeInfo(types, visitor));

  return {
    of(node) {
      const place = places.get(node);
      if (!place) return [];
      const { variable, path } = place;
      return variable === null ? [path] : ofVariable(variable).map((use) => [...use, ...path]);
    },
    ofVariable,
    missingAt: (node) => missing.get(node) ?? [],
  };
}

/** What `visit` says of a node. Above an entry of a list stands the list, and above that whose it is. */
type Entered = [
  node: ASTNode,
  key: string | number | undefined,
  parent: ASTNode | readonly ASTNode[] | undefined,
  path: readonly (string | number)[],
  ancestors: readonly (ASTNode | readonly ASTNode[])[],
];

function placeOf(
  node: ASTNode,
  {
    key,
    parent,
    list,
    outer,
  }: {
    readonly key: string | number | undefined;
    readonly parent: ASTNode | readonly ASTNode[] | undefined;
    readonly list: ASTNode | readonly ASTNode[] | undefined;
    readonly outer: Place | null;
  },
): Place | null {
  if (node.kind === Kind.ARGUMENT) return { variable: null, path: [node.name.value] };
  if (key === 'defaultValue' && parent && 'kind' in parent && parent.kind === Kind.VARIABLE_DEFINITION)
    return { variable: parent.variable.name.value, path: [] };
  if (!outer) return null;
  if (node.kind === Kind.OBJECT_FIELD) return { ...outer, path: [...outer.path, node.name.value] };
  const isEntry = typeof key === 'number' && list && 'kind' in list && list.kind === Kind.LIST;
  return isEntry ? { ...outer, path: [...outer.path, String(key)] } : outer;
}

function missingIn(node: ASTNode, types: TypeInfo): string[] {
  if (node.kind === Kind.FIELD || node.kind === Kind.DIRECTIVE) {
    const definition = node.kind === Kind.FIELD ? types.getFieldDef() : types.getDirective();
    const required = definition?.args.filter(isRequiredArgument) ?? [];
    return notIn(required, node.arguments);
  }
  if (node.kind !== Kind.OBJECT) return [];
  const type = getNamedType(types.getInputType());
  if (!isInputObjectType(type)) return [];
  return notIn(Object.values(type.getFields()).filter(isRequiredInputField), node.fields);
}

interface Named {
  readonly name: { readonly value: string };
}

function notIn(required: readonly { readonly name: string }[], given: readonly Named[] = []): string[] {
  const names = new Set(given.map(({ name }) => name.value));
  return required.map(({ name }) => name).filter((name) => !names.has(name));
}
