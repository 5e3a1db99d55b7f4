import type { ExecutionResult } from 'graphql';

/** A result whose data is JSON already. */
export interface WrittenResult extends ExecutionResult {
  readonly dataText: string;
}

/** Whoever has no use for the text finds the data in its place. */
export const writtenResult = (
  dataText: string,
  extensions: NonNullable<ExecutionResult['extensions']>,
): WrittenResult => ({
  dataText,
  extensions,
  get data() {
    return JSON.parse(dataText);
  },
});

export const isWritten = (result: object): result is WrittenResult => 'dataText' in result;
