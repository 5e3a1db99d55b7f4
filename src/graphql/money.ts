import { ValidationError } from '../lib/errors.ts';
import { formatDecimal, formatMoney, type Money } from '../lib/money.ts';
import { builder } from './builder.ts';

const MAX_LOCALE_LENGTH = 64;

/** An exact amount with its currency; resolvers give a `Money` of lib/money.ts. */
export const MoneyType = builder.objectRef<Money>('Money').implement({
  description: 'An exact amount of money in one currency.',
  fields: (t) => ({
    amount: t.field({
      type: 'Decimal',
      description: 'The amount in the currency’s main unit, with all decimals the currency has: `"1234.50"`.',
      resolve: formatDecimal,
    }),
    currency: t.field({
      type: 'CurrencyCode',
      description: 'The currency of the amount.',
      resolve: ({ currency }) => currency,
    }),
    formatted: t.string({
      description: 'The amount as people of a locale write it: `$1,234.50`.',
      args: {
        locale: t.arg.string({
          required: true,
          defaultValue: 'en-US',
          description: 'A BCP 47 language tag: `de-DE`. Anything else gives API_001.',
        }),
      },
      resolve: (money, { locale }) => formatIn(money, locale),
    }),
  }),
});

function formatIn(money: Money, locale: string): string {
  if (!isLocale(locale))
    throw new ValidationError('locale takes a BCP 47 language tag such as de-DE.', { field: 'locale' });
  return formatMoney(money, locale);
}

function isLocale(text: string): boolean {
  if (text.length > MAX_LOCALE_LENGTH) return false;
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
