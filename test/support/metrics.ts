/** One scrape, to be asked for its figures. */
export interface Scrape {
  readonly text: string;
  /** The value of the series as it is written: `floorwire_sockets`, `up{job="a"}`. Undefined when it is not told. */
  value(series: string): number | undefined;
}

export async function scrape(url: string): Promise<Scrape> {
  const response = await fetch(`${url}/metrics`);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return readScrape(await response.text());
}

export function readScrape(text: string): Scrape {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, series, value] = /^([a-z]\S*) (\S+)$/.exec(line) ?? [];
    if (series) values.set(series, Number(value));
  }
  return { text, value: (series) => values.get(series) };
}
