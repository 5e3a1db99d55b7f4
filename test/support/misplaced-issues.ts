import { subscribe } from 'node:diagnostics_channel';
import { expect } from 'vitest';
import { afterEachFile } from './each-file.ts';

/** What was said to be wrong with arguments that a field does not have. A file in which that happens fails at its end. */
const misplaced: unknown[] = [];

// By its name: most files that run do not need the schema.
subscribe('floorwire:misplaced-issue', (issue) => void misplaced.push(issue));

/** All so far, which then no longer count. */
export const takeMisplacedIssues = (): readonly unknown[] => misplaced.splice(0);

afterEachFile(() => {
  expect(takeMisplacedIssues(), 'paths that no argument has').toEqual([]);
});
