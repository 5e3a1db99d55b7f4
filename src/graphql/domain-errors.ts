import {
  IdempotencyMismatchError,
  NotFoundError,
  NotOwnerError,
  ValidationError,
  VersionConflictError,
} from '../lib/errors.ts';
import { builder } from './builder.ts';
import { errorType } from './error-type.ts';
import { type InputIssue, issuesOf } from './errors.ts';

/** The errors that every domain may answer with; importing this file puts them into the schema. */

errorType(NotFoundError, {
  name: 'NotFoundError',
  description: 'There is no such thing, or the caller may not see it: both are answered alike. Code API_002.',
});

errorType(NotOwnerError, {
  name: 'NotOwnerError',
  description: 'The caller sees it, and it is not his to change. Code API_011.',
});

/** Domains whose things are worth showing add them to it. */
export const VersionConflictErrorType = errorType(VersionConflictError, {
  name: 'VersionConflictError',
  description: 'Somebody else changed the thing since the caller read it. Code API_003.',
  fields: (t) => ({
    currentVersion: t.exposeInt('currentVersion', {
      description: 'Its version now: what `expectedVersion` would have to be.',
    }),
  }),
});

errorType(IdempotencyMismatchError, {
  name: 'IdempotencyMismatchError',
  description: 'The caller used this idempotency key before, with another input. Code API_004.',
});

const InputIssueType = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'One thing that is wrong with the arguments of a field.',
  fields: (t) => ({
    path: t.exposeStringList('path', {
      description:
        'Where, from the outermost argument inwards: `["input", "regions", "2", "z"]`. Entries of lists are counted from 0.',
    }),
    message: t.exposeString('message', { description: 'What it takes, in English, for a person.' }),
  }),
});

errorType(ValidationError, {
  name: 'ValidationError',
  description: 'The input is not what the operation takes; `message` says what it takes. Code API_001.',
  fields: (t) => ({
    issues: t.field({
      type: [InputIssueType],
      description:
        'Which arguments are at fault, for a form to mark. Empty when it is no single one: when the input is right and the thing cannot be done as it stands, or when several arguments do not go together.',
      resolve: (error) => [...issuesOf(error)],
    }),
  }),
});
