/** A variable that nobody reads, and the setting that may be meant. */
export interface Misspelt {
  readonly name: string;
  readonly meant: string;
}

const PREFIX = /^FLOORWIRE_/;
/** What the client of S3 reads by itself. */
const OF_AMAZON = /^AWS_/;

/** Variables that are almost called like a setting. What else is in an environment is somebody else's. */
export const misspeltSettings = (
  names: readonly string[],
  settings: readonly string[],
): readonly Misspelt[] =>
  names
    .filter((name) => !settings.includes(name) && !OF_AMAZON.test(name))
    .flatMap((name) => {
      const meant = nearest(name.toUpperCase().replaceAll('-', '_').replace(PREFIX, ''), settings);
      return meant === null ? [] : [{ name, meant }];
    });

export const sayMisspelt = ({ name, meant }: Misspelt): string =>
  `${name}: is no setting, and changes nothing: ${meant} may be meant`;

function nearest(name: string, settings: readonly string[]): string | null {
  const [best] = settings
    // Where many services are linked there are thousands of names: few are as long as a setting.
    .filter((setting) => Math.abs(setting.length - name.length) <= tolerance(setting))
    .map((setting) => ({ setting, distance: distanceOf(name, setting, tolerance(setting)) }))
    .filter(({ setting, distance }) => distance <= tolerance(setting))
    .sort((one, other) => one.distance - other.distance);
  if (best) return best.setting;
  // Only its last words are missing: JWT_SECRET.
  const words = name.includes('_') ? `${name}_` : null;
  return (words && settings.find((setting) => setting.startsWith(words))) || null;
}

/** So many slips of the hand: among short names there are others. */
function tolerance({ length }: string): number {
  if (length < 9) return 1;
  return length < 16 ? 2 : 3;
}

/**
 * How many letters are missing, too many, wrong or in the place of their neighbour; infinitely many where it is more
 * than `most`, which is known after few letters.
 */
function distanceOf(one: string, other: string, most: number): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (isSame ? 0 : 1),
          isSwapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    // No row has less than the one before it.
    if (Math.min(...current) > most) return Number.POSITIVE_INFINITY;
    beforeLast = last;
    last = current;
  }
  return at(last, other.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;
