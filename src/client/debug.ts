/** The four kinds of lines: never a token, a variable or what a frame holds. */
export type DebugKind = 'connected' | 'subscribed' | 'sent' | 'received';

export type Debug = (kind: DebugKind, what: string) => void;

/** @param option true for the console, or where the lines go */
export function createDebug(option: boolean | ((line: string) => void) | undefined): Debug {
  if (!option) return () => {};
  const write = option === true ? (line: string) => console.debug(line) : option;
  return (kind, what) => write(`floorwire ${kind} ${what}`);
}
