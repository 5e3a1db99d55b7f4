import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind } from 'graphql';
import { type ArgumentPath, type ArgumentPlaces, argumentPlaces } from './argument-places.ts';
import type { InputIssue } from './errors.ts';

/**
 * The errors graphql-js has of a document, which need not be valid: each that is one of arguments says in its
 * `extensions.issues` which.
 */
export function placedErrors(
  { schema, document }: { readonly schema: GraphQLSchema; readonly document: DocumentNode },
  errors: readonly GraphQLError[],
): readonly GraphQLError[] {
  let known: ArgumentPlaces | null = null;
  return errors.map((error) => {
    if (nodesOf(error).length === 0) return error;
    known ??= argumentPlaces(schema, document);
    return withIssues(error, { paths: pathsOf(error, known), message: error.message });
  });
}

/** What it is said of. A field that failed has nodes too, which say nothing of its arguments. */
function nodesOf({ path, nodes, originalError }: GraphQLError): NonNullable<GraphQLError['nodes']> {
  if (path === undefined) return nodes ?? [];
  return (originalError instanceof GraphQLError && originalError.nodes) || [];
}

function pathsOf(error: GraphQLError, places: ArgumentPlaces): ArgumentPath[] {
  return nodesOf(error).flatMap((node) => {
    // What is missing has no node: it is said of where it should be.
    const missing = places.missingAt(node).find((name) => isSaidOf(error.message, name));
    if (missing === undefined) return places.of(node);
    if (node.kind !== Kind.OBJECT) return [[missing]];
    return places.of(node).map((path) => [...path, missing]);
  });
}

const isSaidOf = (message: string, missing: string): boolean =>
  message.includes(` argument "${missing}" of type "`) || message.includes(`.${missing}" of required type "`);

/** One error is of one value; a variable gives it to this many arguments at most. */
const MAX_ISSUES = 10;

/** The error, which says that this is wrong at each of the places. */
export function withIssues(
  error: GraphQLError,
  { paths, message }: { readonly paths: readonly ArgumentPath[]; readonly message: string },
): GraphQLError {
  const distinct = [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
  const issues: readonly InputIssue[] = distinct.slice(0, MAX_ISSUES).map((path) => ({ path, message }));
  const { nodes = null, path = null, originalError = null, extensions } = error;
  return new GraphQLError(error.message, {
    nodes,
    path,
    originalError,
    extensions: { ...extensions, issues },
  });
}
