import type { GraphQLError } from 'graphql';

/**
 * What graphql-js says is wrong with a document or its variables, without the values it repeats: frontends log
 * messages, and beside a missing e-mail address stands a password. Where the fault is stays.
 */
export function messageWithoutValues({ message, originalError }: GraphQLError): string {
  const [, variable] = VARIABLE.exec(message) ?? [];
  if (variable === undefined) return withoutValue(message);
  const reason = originalError?.message ?? 'It does not fit its type.';
  // Before it stands the value, in which nothing can look like a place: quotes within texts are escaped.
  const [, place = variable] = PLACE.exec(message.slice(0, -`; ${reason}`.length)) ?? [];
  return `Variable "$${variable}" got an invalid value at "${place}": ${withoutValue(reason)}`;
}

const VARIABLE = /^Variable "\$(\w+)" got invalid value /;
const PLACE = / at "([\w.[\]]+)"$/;

/** How graphql-js and graphql-scalars repeat what they were given, and what is left of it. */
const REPETITIONS: readonly (readonly [RegExp, string])[] = [
  [/^(Syntax Error: .*?\b(?:String|BlockString|Int|Float)) ".*$/s, '$1.'],
  [/^(Syntax Error: Invalid .*escape sequence): .*$/s, '$1.'],
  [/^(Expected value of type "[^"]+"), found .*$/s, '$1.'],
  [/^(Argument "\w+" has )invalid value .*$/s, '$1an invalid value.'],
  [/^Value ".*" does not exist in ("\w+" enum\.)/s, 'The value does not exist in $1'],
  [/((?:cannot represent|Value is not)\b[^:]*): .*$/s, '$1.'],
];

function withoutValue(message: string): string {
  const [pattern, rest] = REPETITIONS.find(([known]) => known.test(message)) ?? [];
  return pattern && rest !== undefined ? message.replace(pattern, rest) : message;
}
