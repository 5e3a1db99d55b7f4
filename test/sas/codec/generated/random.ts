/** Values made from a seed: the same seed makes the same values. */
export interface Random {
  readonly seed: number;
  /** From 0 up to, and without, `limit`. */
  below(limit: number): number;
}

/** SAS_SEED repeats a run that failed. */
export const seedOf = (fallback: number): number => Number(process.env.SAS_SEED ?? fallback);

/** mulberry32 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    seed,
    below(limit) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
    },
  };
}

export type Gen<T> = (random: Random) => T;

/** A value for each field. */
export const all =
  <T extends object>(fields: { readonly [K in keyof T]: Gen<T[K]> }): Gen<T> =>
  (random) =>
    Object.fromEntries(Object.entries<Gen<unknown>>(fields).map(([name, make]) => [name, make(random)])) as T;

export const always =
  <const T>(value: T): Gen<T> =>
  () =>
    value;

export const oneOf =
  <T>(...makes: readonly Gen<T>[]): Gen<T> =>
  (random) => {
    const make = makes[random.below(makes.length)];
    if (make === undefined) throw new Error('nothing to choose from');
    return make(random);
  };

export const listOf =
  <T>(make: Gen<T>, { atLeast = 0, atMost }: { atLeast?: number; atMost: number }): Gen<T[]> =>
  (random) =>
    Array.from({ length: atLeast + random.below(atMost - atLeast + 1) }, () => make(random));

/** Binary of so many bytes; the extremes come often. */
export const binary =
  (bytes: number): Gen<number> =>
  (random) => {
    const extreme = random.below(8);
    if (extreme < 2) return extreme === 0 ? 0 : 256 ** bytes - 1;
    return Array.from({ length: bytes }).reduce<number>((value) => value * 256 + random.below(256), 0);
  };

export const byte = binary(1);
export const flag: Gen<boolean> = (random) => random.below(2) === 1;

/** BCD digits of so many bytes. */
export const digits =
  (bytes: number): Gen<string> =>
  (random) => {
    const extreme = random.below(8);
    if (extreme < 2) return (extreme === 0 ? '0' : '9').repeat(bytes * 2);
    return Array.from({ length: bytes * 2 }, () => random.below(10)).join('');
  };

export const amount =
  (bytes: number): Gen<bigint> =>
  (random) =>
    BigInt(digits(bytes)(random));

export const number =
  (bytes: number): Gen<number> =>
  (random) =>
    Number(digits(bytes)(random));

export const text =
  (longest: number, shortest = 0): Gen<string> =>
  (random) =>
    String.fromCharCode(...listOf(printable, { atLeast: shortest, atMost: longest })(random));

const printable: Gen<number> = (random) => 0x20 + random.below(0x5f);

export const rawBytes =
  (length: number): Gen<Uint8Array> =>
  (random) =>
    Uint8Array.from({ length }, () => random.below(256));

/** No table of the protocol has a code from 30 to 3F. */
export const unknownCode: Gen<number> = (random) => 0x30 + random.below(0x10);

/** A name, or a code that is in no table. */
export const code =
  <const N extends string>(...names: readonly N[]): Gen<N | number> =>
  (random) => {
    const chosen = random.below(names.length + 1);
    return names[chosen] ?? unknownCode(random);
  };

/** Some of the bits, in order; those without a name by their number. */
export const bits =
  <const T extends Readonly<Record<string, number>>>(
    size: number,
    table: T,
  ): Gen<(number | (keyof T & string))[]> =>
  (random) => {
    const names = new Map(Object.entries(table).map(([name, bit]) => [bit, name]));
    const set = Array.from({ length: size * 8 }, (_, bit) => bit).filter(() => flag(random));
    return set.map((bit) => names.get(bit) ?? bit);
  };
