import { readerOf, type TokenReader, unexpected } from './token-reader.ts';

/**
 * As much of a GraphQL document as resuming needs, read by its grammar: what stands in a comment or a
 * string counts for nothing. Whether the document is valid is for the server to say.
 */
export interface Document {
  readonly operations: readonly Operation[];
  readonly fragments: ReadonlyMap<string, readonly Selection[]>;
}

/** From the first character to behind the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Argument extends Span {
  /** The name of the variable that its value is; null where it is none. */
  readonly variable: string | null;
}

export interface Operation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name: string | null;
  /** Of the keyword; of the brace where a query leaves it out. */
  readonly start: number;
  readonly variables: ReadonlyMap<string, Span>;
  /** Of what declares them, brackets included; empty without any. */
  readonly variablesSpan: Span;
  readonly selections: readonly Selection[];
}

export type Selection =
  | {
      readonly kind: 'FIELD';
      readonly name: string;
      /** What the answer calls it: its alias, or its name. */
      readonly key: string;
      readonly args: ReadonlyMap<string, Argument>;
      /** Of all of them, brackets included; empty without any. */
      readonly argsSpan: Span;
      readonly isConditional: boolean;
      readonly selections: readonly Selection[];
    }
  | { readonly kind: 'SPREAD'; readonly fragment: string; readonly isConditional: boolean }
  | { readonly kind: 'INLINE'; readonly isConditional: boolean; readonly selections: readonly Selection[] };

/** @throws SyntaxError where the text is no GraphQL */
export function readDocument(text: string): Document {
  const reader = readerOf(text);
  const operations: Operation[] = [];
  const fragments = new Map<string, readonly Selection[]>();
  while (!reader.isAtEnd()) {
    if (reader.takeIf('fragment')) {
      const name = reader.name();
      reader.take('on');
      reader.name();
      skipDirectives(reader);
      fragments.set(name, readSelections(reader));
    } else operations.push(readOperation(reader));
  }
  return { operations, fragments };
}

function readOperation(reader: TokenReader): Operation {
  const first = reader.peek();
  const { start } = first;
  if (reader.is('{')) {
    const selections = readSelections(reader);
    return { kind: 'query', name: null, start, variables: new Map(), variablesSpan: NOWHERE, selections };
  }
  const kind = reader.name();
  if (kind !== 'query' && kind !== 'mutation' && kind !== 'subscription') throw unexpected(first);
  const name = reader.is('(') || reader.is('@') || reader.is('{') ? null : reader.name();
  const { start: from } = reader.peek();
  const variables = readVariables(reader);
  const variablesSpan = variables.size > 0 ? { start: from, end: reader.end() } : NOWHERE;
  skipDirectives(reader);
  return { kind, name, start, variables, variablesSpan, selections: readSelections(reader) };
}

const NOWHERE: Span = { start: 0, end: 0 };

/** A default value is constant, so each `$` declares; what follows it belongs to it. */
function readVariables(reader: TokenReader): ReadonlyMap<string, Span> {
  const variables = new Map<string, Span>();
  if (!reader.takeIf('(')) return variables;
  while (!reader.takeIf(')')) {
    const { start } = reader.take('$');
    const name = reader.name();
    while (!reader.is('$') && !reader.is(')')) reader.balanced();
    variables.set(name, { start, end: reader.end() });
  }
  return variables;
}

function readSelections(reader: TokenReader): readonly Selection[] {
  const selections: Selection[] = [];
  reader.take('{');
  while (!reader.takeIf('}'))
    selections.push(reader.takeIf('...') ? readFragment(reader) : readField(reader));
  return selections;
}

function readFragment(reader: TokenReader): Selection {
  const isInline = reader.is('on') || reader.is('@') || reader.is('{');
  if (!isInline) {
    const fragment = reader.name();
    return { kind: 'SPREAD', fragment, isConditional: skipDirectives(reader) };
  }
  if (reader.takeIf('on')) reader.name();
  const isConditional = skipDirectives(reader);
  return { kind: 'INLINE', isConditional, selections: readSelections(reader) };
}

function readField(reader: TokenReader): Selection {
  const key = reader.name();
  const name = reader.takeIf(':') ? reader.name() : key;
  const { start } = reader.peek();
  const args = readArguments(reader);
  const argsSpan = args.size > 0 ? { start, end: reader.end() } : NOWHERE;
  const isConditional = skipDirectives(reader);
  const selections = reader.is('{') ? readSelections(reader) : [];
  return { kind: 'FIELD', name, key, args, argsSpan, isConditional, selections };
}

function readArguments(reader: TokenReader): ReadonlyMap<string, Argument> {
  const args = new Map<string, Argument>();
  if (!reader.takeIf('(')) return args;
  while (!reader.takeIf(')')) {
    const { start } = reader.peek();
    const name = reader.name();
    reader.take(':');
    const variable = readValue(reader);
    args.set(name, { variable, start, end: reader.end() });
  }
  return args;
}

/** The name of the variable that the value is; null when it is none. */
function readValue(reader: TokenReader): string | null {
  if (reader.takeIf('$')) return reader.name();
  reader.balanced();
  return null;
}

/** Whether there was one: then nothing says that the selection is in the answer. */
function skipDirectives(reader: TokenReader): boolean {
  if (!reader.is('@')) return false;
  while (reader.takeIf('@')) {
    reader.name();
    if (reader.is('(')) reader.balanced();
  }
  return true;
}
