import { setFlagsFromString } from 'node:v8';

/**
 * For a start, of which nearly all runs once: nothing is optimized until `tuneForServing`. It would be a tenth of what a
 * start costs, and of no use any more when it is ready.
 */
export function tuneForStart(): void {
  setFlagsFromString('--no-opt');
}

/**
 * For what runs until it is stopped. What runs often is optimized, and the heap grows to three times what was alive when
 * all of it was collected last; `--max-old-space-size` limits it as ever.
 *
 * A full collection marks everything for some 60 ms on all cores, and who asks meanwhile waits. V8 lets a heap grow the
 * further the faster it is filled: fourfold in a flood, and by a sixth where a server is seldom busy, which at a moderate
 * load is a collection every few seconds for 10 MB.
 */
export function tuneForServing(): void {
  setFlagsFromString('--opt');
  setFlagsFromString('--heap-growing-percent=200');
}
