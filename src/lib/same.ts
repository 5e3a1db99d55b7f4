import { isDeepStrictEqual } from 'node:util';

/** Whether two values say the same, whatever they were made by: what GraphQL reads of a document has no prototype. */
export const isSame = <Value>(one: Value, other: Value): boolean =>
  isDeepStrictEqual(structuredClone(one), structuredClone(other));
