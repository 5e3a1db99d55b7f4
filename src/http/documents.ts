import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Lexer,
  MaxIntrospectionDepthRule,
  parse,
  Source,
  specifiedRules,
  TokenKind,
  validate,
} from 'graphql';
import { placedErrors } from '../graphql/argument-issues.ts';
import { limitRules, refuseChosenRoots, tooComplex } from './document-rules.ts';
import type { Limits } from './limits.ts';
import { createRecentlyUsed } from './recently-used.ts';

/** A document that may be executed, or everything that is wrong with it. */
export type PreparedDocument =
  | { readonly document: DocumentNode; readonly errors: null }
  | { readonly document: null; readonly errors: readonly GraphQLError[] };

/** Parses and validates documents for every transport, and remembers the good ones. */
export type PrepareDocument = (query: string) => PreparedDocument;

const OPENING: readonly TokenKind[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L];
const CLOSING: readonly TokenKind[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R];

export function createDocuments(schema: GraphQLSchema, limits: Limits): PrepareDocument {
  const rules = [...new Set([...specifiedRules, MaxIntrospectionDepthRule]), ...limitRules(limits)];
  const cache = createRecentlyUsed<DocumentNode>(limits.documentCacheTokens);

  return (query) => {
    const known = cache.get(query);
    if (known) return { document: known, errors: null };
    try {
      const tokens = countTokens(query, limits);
      const document = parse(query, { maxTokens: limits.maxTokens });
      refuseChosenRoots(document);
      const errors = validate(schema, document, rules, { maxErrors: limits.maxErrors });
      if (errors.some(({ message }) => message === COMPARISONS_EXHAUSTED)) throw tooManyComparisons();
      if (errors.length > 0) return { document: null, errors: placedErrors({ schema, document }, errors) };
      // Comments and blanks have no tokens; a text full of them is not worth keeping.
      if (query.length <= tokens * MAX_CHARACTERS_PER_TOKEN) cache.set(query, document, tokens);
      return { document, errors: null };
    } catch (error) {
      if (error instanceof GraphQLError) return { document: null, errors: [error] };
      throw error;
    }
  };
}

const MAX_CHARACTERS_PER_TOKEN = 100;

/** What graphql-js says when fields of one name are so many that comparing them all takes too long. */
const COMPARISONS_EXHAUSTED = 'Validation aborted.';

const tooManyComparisons = () =>
  tooComplex('The document selects too many fields of the same name side by side.');

/**
 * How many tokens a document has. The lexer does not recurse, the parser does: what is nested
 * too deeply for it is found here, and so is a name too long to be repeated.
 *
 * @throws GraphQLError
 */
function countTokens(query: string, { maxTokens, maxNesting, maxNameCharacters }: Limits): number {
  const lexer = new Lexer(new Source(query));
  let tokens = 0;
  let nesting = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    tokens += 1;
    if (tokens > maxTokens)
      throw new GraphQLError(`Syntax Error: The document has more than ${maxTokens} tokens.`);
    if (token.kind === TokenKind.NAME && token.value.length > maxNameCharacters)
      throw new GraphQLError(`Syntax Error: A name has more than ${maxNameCharacters} characters.`);
    if (OPENING.includes(token.kind)) nesting += 1;
    if (CLOSING.includes(token.kind)) nesting -= 1;
    if (nesting > maxNesting)
      throw new GraphQLError(`Syntax Error: Brackets are nested more than ${maxNesting} deep.`);
  }
  return tokens;
}
