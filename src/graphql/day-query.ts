import {
  type ExecutionArgs,
  type FieldNode,
  type GraphQLField,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { canSeeUsers } from '../auth/policy.ts';
import type { DaySheet } from '../booking/day-sheet.ts';
import { type SheetStatement, sheetStatementOf } from '../booking/day-sheet-statement.ts';
import { readDaySheet } from '../booking/day-sheet-store.ts';
import type { OwnersRead } from '../booking/day-sql.ts';
import type { Rights } from '../lib/actor.ts';
import { isUuid } from '../lib/ids.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { type Seen, SLOT_DAY } from './day-fields.ts';
import { decodeIdOf } from './ids.ts';
import { type Fragments, type Write, writerOf } from './written-shape.ts';

/**
 * The day query, asked for again and again by everybody: where it selects nothing but what `day-fields.ts` writes, its
 * data is written without the general execution, out of one statement that reads what is selected. Whatever else it
 * selects, whatever is refused and whatever goes wrong takes the usual way, which says how it is answered: then it is
 * null.
 */
export async function writeDay(args: ExecutionArgs): Promise<string | null> {
  const { document, operationName, schema } = args;
  const operation = getOperationAST(document, operationName);
  const plan = operation && planOf(operation, args);
  const field = schema.getQueryType()?.getFields().slots;
  const context = args.contextValue as Context;
  if (!plan || !field || !context.scopes?.has('BOOKINGS_READ')) return null;
  const asked = askedOf(args, { operation, field, node: plan.node });
  if (!asked) return null;
  const { viewer, hotReads } = context;
  const { statement } = plan;
  const read = { ...asked, statement, owners: ownersFor(viewer) };
  try {
    const sheet = await readDaySheet(hotReads, venueIdOf(context), read);
    return sheet && `{${JSON.stringify(plan.key)}:${plan.write(sheet, { sheet, viewer })}}`;
  } catch {
    return null;
  }
}

/** The arguments of the field; null: they do not fit. */
function askedOf(
  { schema, variableValues }: ExecutionArgs,
  {
    operation,
    field,
    node,
  }: {
    readonly operation: OperationDefinitionNode;
    readonly field: GraphQLField<unknown, unknown>;
    readonly node: FieldNode;
  },
): { readonly resourceId: string; readonly day: string } | null {
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {});
  if (!coerced) return null;
  try {
    const { resourceId, date } = getArgumentValues(field, node, coerced);
    const decoded = decodeIdOf('Resource', String(resourceId));
    return isUuid(decoded) ? { resourceId: decoded, day: String(date) } : null;
  } catch {
    return null;
  }
}

/** What of those who booked is read: of people whom the viewer may not see, nothing. */
const ownersFor = (viewer: Rights): OwnersRead => ({
  all: viewer.kind === 'user' && canSeeUsers(viewer),
  userId: viewer.kind === 'user' && 'userId' in viewer ? String(viewer.userId) : null,
});

interface Plan {
  readonly node: FieldNode;
  /** What its answer is found under. */
  readonly key: string;
  readonly statement: SheetStatement;
  readonly write: Write<DaySheet, Seen>;
}

/** Documents are kept between requests, and with them how they are answered. */
function planOf(operation: OperationDefinitionNode, args: ExecutionArgs): Plan | null {
  const known = plans.get(operation);
  if (known !== undefined) return known;
  const made = makePlan(operation, fragmentsOf(args));
  plans.set(operation, made);
  return made;
}

const plans = new WeakMap<OperationDefinitionNode, Plan | null>();

function makePlan(
  { operation, directives, selectionSet }: OperationDefinitionNode,
  fragments: Fragments,
): Plan | null {
  const [node, ...others] = selectionSet.selections;
  if (operation !== OperationTypeNode.QUERY || directives?.length || others.length > 0) return null;
  if (node?.kind !== Kind.FIELD || node.directives?.length) return null;
  if (node.name.value !== 'slots' || !node.selectionSet) return null;
  const writer = writerOf(SLOT_DAY, { selections: [node.selectionSet], fragments });
  if (!writer) return null;
  const { columns, write } = writer;
  return { node, key: (node.alias ?? node.name).value, statement: sheetStatementOf(columns), write };
}

const fragmentsOf = ({ document }: ExecutionArgs): Fragments =>
  Object.fromEntries(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
