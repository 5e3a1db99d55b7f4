const NEWLINE = 0x0a;

/** The lines of a UTF-8 text, without what ends them; only `\n` does. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let begin = 0;
    for (let end = text.indexOf(NEWLINE); end !== -1; end = text.indexOf(NEWLINE, begin)) {
      yield text.toString('utf8', begin, end);
      begin = end + 1;
    }
    rest = text.subarray(begin);
  }
  if (rest.length > 0) yield rest.toString('utf8');
}
