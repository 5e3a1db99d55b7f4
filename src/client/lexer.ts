/** A token of GraphQL text, and where it begins. */
export interface Token {
  readonly kind: 'PUNCTUATOR' | 'NAME' | 'NUMBER' | 'STRING';
  readonly text: string;
  readonly start: number;
}

/** The lexical grammar of GraphQL (October 2021, 2.1): what is ignored, then one group for each kind. */
const LEXEME =
  /[\uFEFF\t\n\r ,]+|#[^\n\r]*|(\.\.\.|[!$&()[\]{|}:=@])|([_A-Za-z][_0-9A-Za-z]*)|(-?[0-9][0-9.eE+-]*)|("""(?:\\"""|(?!"""|\\""")[\s\S])*"""|"(?!"")(?:\\.|[^"\\\n\r])*")/y;

/** @throws SyntaxError where the text is no GraphQL */
export function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let start = 0; start < text.length; ) {
    LEXEME.lastIndex = start;
    const match = LEXEME.exec(text);
    if (!match) throw new SyntaxError(`No GraphQL at character ${start + 1} of the operation.`);
    const [all, punctuator, name, number, string] = match;
    if (punctuator) tokens.push({ kind: 'PUNCTUATOR', text: all, start });
    else if (name) tokens.push({ kind: 'NAME', text: all, start });
    else if (number) tokens.push({ kind: 'NUMBER', text: all, start });
    else if (string) tokens.push({ kind: 'STRING', text: all, start });
    start += all.length;
  }
  return tokens;
}
