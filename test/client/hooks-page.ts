/** What hooks.test.ts shows in a browser, made with whatever framework: one component for each hook. */
export interface HooksPage {
  /** What the components were told, besides what they show. */
  readonly told: Told;
  /** Signs in for good: the page is for one test. */
  open(given: { readonly url: string; readonly token: string }): void;
  show(shown: Shown): void;
  leave(): void;
}

export interface Told {
  readonly codes: number[];
  readonly lines: string[];
  renders: number;
}

export interface Shown {
  /** Null follows nothing. */
  readonly doors: { readonly query: string; readonly after: string | null; readonly types: string } | null;
  /** Without them nobody follows channels. */
  readonly names?: readonly string[] | null;
}

export interface Door {
  readonly machineEvents: { readonly exceptionCode: number; readonly cursor: string };
}

export const codeOf = (error: unknown) =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : error;

/** Another object each time, with its names in another order. */
export function requestOf(doors: Shown['doors'], { renders }: Told) {
  if (!doors) return null;
  const { query, after, types } = doors;
  return { query, variables: renders % 2 === 0 ? { after, types: [types] } : { types: [types], after } };
}
