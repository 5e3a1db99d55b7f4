import {
  type BinaryOperationNode,
  ColumnNode,
  type CompiledQuery,
  type LimitNode,
  type OperationNode,
  PostgresDialect,
  PostgresQueryCompiler,
  type QueryCompiler,
  ReferenceNode,
} from 'kysely';

/** Those of a closed list, by parts of which tables are indexed. */
export const CLOSED_COLUMNS: ReadonlySet<string> = new Set([
  'state',
  'status',
  'kind',
  'failure_status',
  'doubt',
]);

/** One of a closed list, as all of them are written. */
const WORD = /^[A-Z][A-Z_]*$/;

/** PostgreSQL as Kysely speaks to it, but for what its plans have to be told in so many words. */
export class FloorDialect extends PostgresDialect {
  override createQueryCompiler(): QueryCompiler {
    return new FloorQueryCompiler();
  }
}

/**
 * Plans are made once, for whatever values (`plan_cache_mode`): an index of the rows in some state is none for
 * `state = $1`. So what a column of a closed list, or a truth value, is compared with is written out.
 */
class FloorQueryCompiler extends PostgresQueryCompiler {
  #writesOut: (value: unknown) => boolean = isNever;

  override compileQuery(...query: Parameters<PostgresQueryCompiler['compileQuery']>): CompiledQuery {
    // One before it may have failed on the way.
    this.#writesOut = isNever;
    return super.compileQuery(...query);
  }

  protected override visitBinaryOperation(node: BinaryOperationNode): void {
    const { leftOperand, rightOperand } = node;
    if (VALUES.has(rightOperand.kind)) this.#writesOut = isClosed(leftOperand) ? isConstant : isTruthValue;
    super.visitBinaryOperation(node);
    this.#writesOut = isNever;
  }

  /** What a part of a statement leaves to the rest is taken for a tenth of the table otherwise, and all of that is read. */
  protected override visitLimit(node: LimitNode): void {
    const isPart = this.nodeStack.length > 2;
    if (isPart) this.#writesOut = isNumber;
    super.visitLimit(node);
    this.#writesOut = isNever;
  }

  protected override appendValue(value: unknown): void {
    if (this.#writesOut(value)) this.appendImmediateValue(value);
    else super.appendValue(value);
  }
}

const VALUES: ReadonlySet<OperationNode['kind']> = new Set([
  'ValueNode',
  'PrimitiveValueListNode',
  'ValueListNode',
]);

const isNever = (): boolean => false;
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isTruthValue = (value: unknown): boolean => typeof value === 'boolean';
const isConstant = (value: unknown): boolean =>
  isTruthValue(value) || (typeof value === 'string' && WORD.test(value));

function isClosed(node: OperationNode): boolean {
  return ReferenceNode.is(node) && ColumnNode.is(node.column) && CLOSED_COLUMNS.has(node.column.column.name);
}
