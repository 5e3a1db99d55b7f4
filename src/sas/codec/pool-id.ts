/** The pool of restricted credits. */
import { binary } from './number-fields.ts';

/** Two bytes, binary by most accounts and BCD by one; harmless at zero (SAS.md 10.3 and 15, 10). */
export const poolId = binary(2);
