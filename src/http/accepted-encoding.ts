import { weightsOf } from './accepted-weights.ts';

/** Whether a client takes something zipped rather than as it is: the header is `Accept-Encoding` (RFC 9110, 12.5.3). */
export function prefersGzip(acceptEncoding: string | undefined): boolean {
  const weights = weightsOf(acceptEncoding ?? '');
  const ofAll = weights.get('*');
  const asItIs = weights.get('identity') ?? ofAll;
  // What refuses it as it is takes it zipped where that is not refused too.
  const zipped = weights.get('gzip') ?? weights.get('x-gzip') ?? ofAll ?? (asItIs === 0 ? 1 : 0);
  return zipped > 0 && zipped >= (weights.get('identity') ?? 0);
}
