import {
  coerceInputValue,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isNonNullType,
  Kind,
  separateOperations,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import { placedErrors, withIssues } from './argument-issues.ts';
import { argumentPlaces } from './argument-places.ts';
import { withoutValue } from './request-message.ts';

type Asked = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>;

/** A result of graphql-js; each of its errors that is one of arguments says in its `extensions.issues` which. */
export function placedResult(args: Asked, result: ExecutionResult): ExecutionResult {
  const { errors } = result;
  if (!errors) return result;
  const isOfVariables = errors[0]?.nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION;
  return { ...result, errors: isOfVariables ? variableErrors(args) : placedErrors(args, errors) };
}

/**
 * What graphql-js executes with: it writes all of a variable for each fault that it has against it, and all it has to say
 * is that there is one.
 */
export const FIRST_FAULT = { maxCoercionErrors: 1 };

const MAX_ERRORS = 50;

/**
 * What is wrong with the variables of a valid operation. What graphql-js itself says of them has where in them it is
 * only in its words, and beside it what was given: frontends log messages, and that may be a password.
 */
export function variableErrors(asked: Asked): readonly GraphQLError[] {
  const { schema, document, operationName, variableValues } = asked;
  const operation = getOperationAST(document, operationName);
  if (!operation) return [];
  const { [operation.name?.value ?? '']: alone = document } = separateOperations(document);
  const places = argumentPlaces(schema, alone);
  const errors: GraphQLError[] = [];
  try {
    for (const nodes of operation.variableDefinitions ?? [])
      tellFaults(schema, nodes, {
        given: variableValues ?? {},
        tell({ message, reason, path }) {
          if (errors.length === MAX_ERRORS) throw new GraphQLError('More is wrong with the variables.');
          const paths = places.ofVariable(nodes.variable.name.value).map((use) => [...use, ...path]);
          errors.push(withIssues(new GraphQLError(message, { nodes }), { paths, message: reason }));
        },
      });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    errors.push(error);
  }
  return errors;
}

interface Fault {
  /** With the variable. */
  readonly message: string;
  readonly reason: string;
  /** Within the value of the variable. */
  readonly path: readonly string[];
}

function tellFaults(
  schema: GraphQLSchema,
  { variable, type: typeNode, defaultValue }: VariableDefinitionNode,
  {
    given,
    tell,
  }: { readonly given: Readonly<Record<string, unknown>>; readonly tell: (fault: Fault) => void },
): void {
  const name = variable.name.value;
  const type = typeFromAST(schema, typeNode);
  if (!isInputType(type)) return;
  if (!Object.hasOwn(given, name)) {
    const message = `Variable "$${name}" of required type "${type}" was not provided.`;
    if (isNonNullType(type) && !defaultValue) tell({ message, reason: message, path: [] });
    return;
  }
  coerceInputValue(given[name], type, (path, value, error) => {
    const reason = withoutValue(error.message);
    const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
    const member = memberSaid(error.message, { value, type: typeAt(type, path) });
    tell({
      message: `Variable "$${name}" got an invalid value at "${name}${place}": ${reason}`,
      reason,
      path: [...path.map(String), ...member],
    });
  });
}

/** Without lists: whatever is no list counts as a list of it alone. */
function typeAt(type: GraphQLInputType, path: readonly (string | number)[]): unknown {
  return path
    .filter((step) => typeof step === 'string')
    .reduce((at: unknown, step) => {
      const field = isInputObjectType(at) ? at.getFields()[step] : undefined;
      return field && getNamedType(field.type);
    }, getNamedType(type));
}

const MEMBER = /^Field "(.*)" (?:of required type|is not defined by type) "/s;

/** What is missing in an object or is none of its members is said of the object, and by name. */
function memberSaid(
  message: string,
  { value, type }: { readonly value: unknown; readonly type: unknown },
): readonly string[] {
  if (!isInputObjectType(type) || typeof value !== 'object' || value === null) return [];
  const [, said] = MEMBER.exec(message) ?? [];
  const isMember =
    said !== undefined && (Object.hasOwn(type.getFields(), said) || Object.hasOwn(value, said));
  return isMember ? [said] : [];
}
