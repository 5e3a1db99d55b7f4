/**
 * What is said to be wrong with a document or a value, without the values that are repeated in it: frontends log
 * messages, and beside a missing e-mail address stands a password.
 */
export function withoutValue(message: string): string {
  const [pattern, rest] = REPETITIONS.find(([known]) => known.test(message)) ?? [];
  return pattern && rest !== undefined ? message.replace(pattern, rest) : message;
}

/** How graphql-js and graphql-scalars repeat what they were given, and what is left of it. */
const REPETITIONS: readonly (readonly [RegExp, string])[] = [
  [/^(Syntax Error: .*?\b(?:String|BlockString|Int|Float)) ".*$/s, '$1.'],
  [/^(Syntax Error: Invalid .*escape sequence): .*$/s, '$1.'],
  [/^(Expected value of type "[^"]+"), found .*$/s, '$1.'],
  [/^(Argument "\w+" has )invalid value .*$/s, '$1an invalid value.'],
  [/^Value ".*" does not exist in ("\w+" enum\.)/s, 'The value does not exist in $1'],
  // Its words are few. A name that a client made up may have them a thousand times.
  [/((?:cannot represent|Value is not)\b[^:]{0,200}): .*$/s, '$1.'],
];
