import { setFlagsFromString } from 'node:v8';

/**
 * Lets the heap grow to twice what was alive when all of it was collected last; `--max-old-space-size` limits it as ever.
 *
 * A full collection marks everything for some 60 ms on all cores, and who asks meanwhile waits. V8 begins one when the
 * heap has grown by a sixth: under load every few seconds, for some 10 MB.
 */
export function letHeapDouble(): void {
  setFlagsFromString('--heap-growing-percent=100');
}
