import { readTokens, type Token } from './lexer.ts';

/** Takes the tokens of a text one after the other. Whatever it expects and does not find is a SyntaxError. */
export interface TokenReader {
  isAtEnd(): boolean;
  /** The next token, which stays. */
  peek(): Token;
  is(text: string): boolean;
  takeIf(text: string): boolean;
  take(text?: string): Token;
  name(): string;
  /** Where the last token taken ends. */
  end(): number;
  /** Takes the next token; where that is an opening bracket, all to the one that closes it. */
  balanced(): void;
}

const OPENING = ['(', '[', '{'];
const CLOSING = [')', ']', '}'];

/** @throws SyntaxError where the text is no GraphQL, as all its functions do */
export function readerOf(text: string): TokenReader {
  const tokens = readTokens(text);
  let at = 0;
  const peek = () => {
    const token = tokens[at];
    if (!token) throw new SyntaxError('The operation ends too early.');
    return token;
  };
  const is = (wanted: string) => tokens[at]?.text === wanted;
  const take = (wanted?: string) => {
    const token = peek();
    if (wanted !== undefined && token.text !== wanted) throw unexpected(token);
    at += 1;
    return token;
  };
  return {
    isAtEnd: () => at >= tokens.length,
    peek,
    is,
    take,
    takeIf(wanted) {
      if (!is(wanted)) return false;
      at += 1;
      return true;
    },
    name() {
      const token = take();
      if (token.kind !== 'NAME') throw unexpected(token);
      return token.text;
    },
    end() {
      const last = tokens[at - 1];
      return last ? last.start + last.text.length : 0;
    },
    balanced() {
      let depth = 0;
      do {
        const { text } = take();
        if (OPENING.includes(text)) depth += 1;
        if (CLOSING.includes(text)) depth -= 1;
      } while (depth > 0);
    },
  };
}

export const unexpected = ({ text, start }: Token): SyntaxError =>
  new SyntaxError(`Unexpected ${text} at character ${start + 1} of the operation.`);
