import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';

const floor = await aFloorApp({ machines: 1 });

test.each(['media', 'layouts'])('of %s nothing is looked for that is no text', async (what) => {
  const query = `query ($search: String) { ${what}(search: $search) { totalCount } }`;
  for (const search of ['a\u0000b', 'x'.repeat(101)]) {
    const { data, errors } = await floor.ask(query, { variables: { search } });
    expect([data?.[what], errors?.[0]?.extensions?.code]).toEqual([null, 'API_001']);
  }
});
