import type { SasDate, SasDateTime } from '../../../../src/sas/codec/date-time.ts';
import { type Expiration, NO_EXPIRATION } from '../../../../src/sas/codec/expiration.ts';
import { all, always, type Gen, oneOf } from './random.ts';

const between =
  (first: number, last: number): Gen<number> =>
  (random) =>
    first + random.below(last - first + 1);

/** Days that every month has, and the last of each. */
const date: Gen<SasDate> = (random) => {
  const [year, month] = [between(1, 9999)(random), between(1, 12)(random)];
  const last = new Date(Date.UTC(2000, 0, 1));
  last.setUTCFullYear(year, month, 0);
  return { year, month, day: random.below(4) === 0 ? last.getUTCDate() : between(1, 28)(random) };
};

export const dateTime: Gen<SasDateTime> = (random) => ({
  ...date(random),
  hour: between(0, 23)(random),
  minute: between(0, 59)(random),
  second: between(0, 59)(random),
});

export const dateTimeOrNone: Gen<SasDateTime | null> = oneOf<SasDateTime | null>(dateTime, always(null));

export const expiration: Gen<Expiration> = oneOf<Expiration>(
  always(NO_EXPIRATION),
  all({ kind: always('DAYS'), days: between(1, 9999) }),
  (random) => ({ kind: 'DATE', ...date(random) }),
);
