/** What the schema calls an error, and the code it always has. */
export interface ErrorName {
  readonly name: string;
  readonly code: string;
}

/** Of each error that is a type of the schema, by its class: error-type.ts puts it here. */
export const ERROR_NAMES = new Map<unknown, ErrorName>();
