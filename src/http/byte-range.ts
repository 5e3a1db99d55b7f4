/** From this byte to that one, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What of a file of so many bytes a `Range` asks for (RFC 9110, 14.2): WHOLE without one, and for what is none or
 * several, which may be ignored; NONE when there is nothing of it.
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange | 'WHOLE' | 'NONE' {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return 'WHOLE';
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'NONE' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return 'WHOLE';
  return start >= size ? 'NONE' : { start, end };
}
