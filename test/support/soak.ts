/**
 * Whether this run is `npm run soak`: the stories of the tests at full length.
 *
 * What differs is how much happens, never what is asked of it, save where a figure in milliseconds
 * means something only on a machine that does nothing else.
 */
export const isSoak = process.env.SOAK === '1';

/** How much of it: in `npm test`, and in `npm run soak`. */
export const sized = <T>(sizes: { readonly test: T; readonly soak: T }): T =>
  isSoak ? sizes.soak : sizes.test;

/** Figures of a soak, printed beside its verdict. */
export function report(line: string): void {
  if (isSoak) process.stdout.write(`  ${line}\n`);
}
