/** What a figure is worth: the goal it has, and whether it meets it. */
export const atMost = (figure: number, goal: number, unit: string): string =>
  verdict(figure <= goal, `≤ ${goal} ${unit}`);

export const atLeast = (figure: number, goal: number, unit: string): string =>
  verdict(figure >= goal, `≥ ${goal} ${unit}`);

const verdict = (isMet: boolean, goal: string): string => `(goal: ${goal}, ${isMet ? 'met' : 'NOT met'})`;
