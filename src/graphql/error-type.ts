import type { ObjectFieldsShape, ObjectRef } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { DomainError, ErrorCode } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { ERROR_CATALOG, ERROR_CODES, isRetryable } from './error-catalog.ts';
import { ERROR_NAMES } from './error-names.ts';
import { microsecondTimestamp } from './timestamp.ts';

type Types = typeof builder.$inferSchemaTypes;

export const ErrorCodeEnum = builder.enumType('ErrorCode', {
  description: 'Every code an error can have. `errorCatalog` says more about each.',
  values: Object.fromEntries(
    ERROR_CODES.map((code) => [code, { value: code, description: `${ERROR_CATALOG[code].title}.` }]),
  ) as Record<ErrorCode, { value: ErrorCode; description: string }>,
});

/** What every error of a result union says of itself. */
export const ErrorInterface = builder.interfaceRef<DomainError>('Error').implement({
  description: 'Why something was not done. Every error of a `…Result` is one.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeEnum, description: 'The code to act on.' }),
    message: t.exposeString('message', { description: 'What happened, in English, for a person.' }),
    timestamp: t.field({
      type: 'DateTime',
      description: 'When it happened, to the microsecond.',
      resolve: () => microsecondTimestamp(),
    }),
    requestId: t.id({
      description: 'The number under which the log knows this request.',
      resolve: (_error, _args, { requestId }) => requestId,
    }),
    retryable: t.boolean({
      description:
        'Whether the same request may succeed when it is sent again unchanged. What its idempotency key keeps may not: it takes another key.',
      resolve: isRetryable,
    }),
    path: t.stringList({
      nullable: true,
      description: 'The field of the operation that answered with this error.',
      resolve: (_error, _args, _context, info) => pathOf(info),
    }),
  }),
});

/**
 * Makes an error of a domain a type of the schema, to be listed in `errors: { types: […] }` of
 * the mutations that may answer with it. The description says its code: `Code API_002.`
 */
export function errorType<E extends DomainError>(
  errorClass: new (...args: never[]) => E,
  { name, description, fields }: { name: string; description: string; fields?: ObjectFieldsShape<Types, E> },
): ObjectRef<Types, E> {
  // Pothos computes a shape from the class, which TypeScript cannot follow while E is open.
  // biome-ignore lint/suspicious/noExplicitAny: what Pothos matches constructors with
  const anyError = errorClass as unknown as new (...args: any[]) => DomainError;
  const [, code] = / Code ([A-Z]+_\d{3})\b/.exec(description) ?? [];
  if (code === undefined) throw new TypeError(`The description of ${name} says no code.`);
  ERROR_NAMES.set(errorClass, { name, code });
  const ownFields = fields as ObjectFieldsShape<Types, DomainError> | undefined;
  const ref = builder.objectType(anyError, {
    name,
    description,
    interfaces: [ErrorInterface],
    ...(ownFields ? { fields: ownFields } : {}),
  });
  return ref as unknown as ObjectRef<Types, E>;
}

/** The response path of the field whose answer is the error. */
function pathOf({ path }: GraphQLResolveInfo): string[] {
  const steps: string[] = [];
  for (let step = path.prev; step; step = step.prev) steps.unshift(String(step.key));
  return steps;
}
