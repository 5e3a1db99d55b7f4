import { afterAll } from 'vitest';
import { endFile } from './each-file.ts';
import './misplaced-issues.ts';

// Vitest runs this module anew before each test file, and what is asked first of `afterAll` is done last.
afterAll(endFile);
