import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';
import type { Random } from '../sas/codec/generated/random.ts';

export interface RandomDocument {
  readonly text: string;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

const MAX_DEPTH = 4;

/** A subscription that asks at random, by all means that the language has. */
export function aRandomSubscription(schema: GraphQLSchema, random: Random): RandomDocument {
  const root = schema.getSubscriptionType();
  if (!root) throw new Error('there are no subscriptions');
  const fields = Object.values(root.getFields()).filter(isAskable);
  const field = fields[random.below(fields.length)];
  if (!field) throw new Error('there is nothing to ask');
  const writer = new Writer(schema, random);
  const body = writer.field(field, 0);
  return { text: writer.document(body), variableValues: writer.variableValues };
}

class Writer {
  readonly variableValues: Record<string, unknown> = {};
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  readonly #variables = new Map<string, string>();
  readonly #fragments: string[] = [];
  #names = 0;

  constructor(schema: GraphQLSchema, random: Random) {
    this.#schema = schema;
    this.#random = random;
  }

  document(body: string): string {
    const variables = [...this.#variables].map(([name, type]) => `$${name}: ${type}`);
    const head = variables.length > 0 ? `(${variables.join(', ')})` : '';
    return [`subscription Some${head} { ${body} }`, ...this.#fragments].join(' ');
  }

  field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const type = getNamedType(field.type);
    const args = field.args.flatMap((arg) => this.#argument(arg));
    const given = args.length > 0 ? `(${args.join(', ')})` : '';
    const selected = isCompositeType(type) ? ` ${this.#selection(type, depth + 1)}` : '';
    // Whatever has a name of its own is merged with nothing else; the root field may not be left out.
    return `${this.#name('f')}: ${field.name}${given}${depth > 0 ? this.#condition() : ''}${selected}`;
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    const fields = isUnionType(type) ? [] : Object.values(type.getFields()).filter(isAskable);
    const askable = fields.filter((field) => depth < MAX_DEPTH || !isCompositeType(getNamedType(field.type)));
    const parts = ['__typename'];
    for (let part = this.#random.below(5); part >= 0; part -= 1) {
      const field = askable[this.#random.below(askable.length)];
      if (field) parts.push(this.field(field, depth));
    }
    if (depth < MAX_DEPTH) parts.push(...this.#fragmentsOf(type, depth));
    return `{ ${parts.join(' ')} }`;
  }

  #fragmentsOf(type: GraphQLCompositeType, depth: number): readonly string[] {
    const types = isAbstractType(type) ? [type, ...this.#schema.getPossibleTypes(type)] : [type];
    return Array.from({ length: this.#random.below(3) }, () => {
      const on = types[this.#random.below(types.length)] ?? type;
      const body = this.#selection(on, depth + 1);
      if (this.#random.below(2) === 0) return `... on ${on.name}${this.#condition()} ${body}`;
      const name = this.#name('Part');
      this.#fragments.push(`fragment ${name} on ${on.name} ${body}`);
      // Twice, and what is merged is asked but once.
      return `...${name}${this.#condition()} ...${name}`;
    });
  }

  #condition(): string {
    const chance = this.#random.below(12);
    const directive = chance % 2 === 0 ? 'include' : 'skip';
    const isTrue = this.#random.below(2) === 0;
    if (chance < 2) return ` @${directive}(if: ${isTrue})`;
    if (chance < 4) return ` @${directive}(if: ${this.#variable('Boolean!', isTrue)})`;
    return chance < 5 ? ` @${directive}(if: ${this.#variable(`Boolean! = ${isTrue}`)})` : '';
  }

  #argument(arg: GraphQLArgument): readonly string[] {
    if (!isRequiredArgument(arg) && this.#random.below(2) === 0) return [];
    const [value] = valuesOf(arg.type);
    if (value === undefined) return [];
    const isVariable = this.#random.below(2) === 0;
    return [
      `${arg.name}: ${isVariable ? this.#variable(String(arg.type), value) : literal(arg.type, value)}`,
    ];
  }

  #variable(type: string, value?: unknown): string {
    const name = this.#name('v');
    this.#variables.set(name, type);
    if (value !== undefined) this.variableValues[name] = value;
    return `$${name}`;
  }

  #name(prefix: string): string {
    this.#names += 1;
    return `${prefix}${this.#names}`;
  }
}

const isAskable = ({ args }: GraphQLField<unknown, unknown>): boolean =>
  args.every((arg) => !isRequiredArgument(arg) || valuesOf(arg.type).length > 0);

const VALUES: Readonly<Record<string, unknown>> = {
  Int: 7,
  Float: 0.5,
  String: 'text',
  Boolean: false,
  ID: 'id',
};

/** A value of an input type, none where none is easily found. */
function valuesOf(type: GraphQLInputType): readonly unknown[] {
  if (isNonNullType(type)) return valuesOf(type.ofType);
  if (isListType(type)) return valuesOf(type.ofType).map((value) => [value, value]);
  if (isEnumType(type)) return type.getValues().map(({ name }) => name);
  return type.name in VALUES ? [VALUES[type.name]] : [];
}

function literal(type: GraphQLInputType, value: unknown): string {
  const text = JSON.stringify(value);
  return isEnumType(getNamedType(type)) ? text.replaceAll('"', '') : text;
}
