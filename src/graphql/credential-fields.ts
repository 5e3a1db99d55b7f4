import { createHash } from 'node:crypto';
import SchemaBuilder, {
  BasePlugin,
  type InputFieldMap,
  type InputShapeFromFields,
  type PothosOutputFieldConfig,
  type SchemaTypes,
} from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import { networkOf } from '../lib/network.ts';
import type { Context } from './context.ts';
import { principalKeyOf } from './rate-limits.ts';

/** The name under which the builder lists this plugin. */
export const CREDENTIAL_FIELDS = 'credentialFields';

/** Whose account a use of a field is about, in whatever case; null for nobody's in particular. */
type AccountOf<Args> = (args: Args) => string | null | undefined;

type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>;

/** Of a field that only makes a token newer, which nobody guesses and everybody does all day. */
const RENEWAL = 'RENEWAL';

type TakesCredentials<Args> = true | typeof RENEWAL | AccountOf<Args>;

/**
 * A field that takes a password, code or token says so with `takesCredentials`. Each use of it, every
 * alias of one request, takes a point of a strict bucket of the address and one of the account there: nobody keeps
 * its owner out by naming it without end (RULES 48), and guesses from many addresses lock it out. A renewal takes one
 * of a bucket of its own, so that a venue behind one address is not signed out by who signs in there.
 */
class CredentialFieldsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    if (!optionOf(field)) return field;
    return { ...field, extensions: { ...field.extensions, takesCredentials: true } };
  }

  override wrapResolve(resolve: Resolver<Types>, field: PothosOutputFieldConfig<Types>): Resolver<Types> {
    const option = optionOf(field);
    if (!option) return resolve;
    return async (parent, args, context, info) => {
      await takePoints(context as unknown as Context, option, args);
      return await resolve(parent, args, context, info);
    };
  }
}

function optionOf(field: { readonly pothosOptions: object }): TakesCredentials<object> | undefined {
  return (field.pothosOptions as { readonly takesCredentials?: TakesCredentials<object> }).takesCredentials;
}

async function takePoints(
  { rateLimits, client, actor }: Context,
  option: TakesCredentials<object>,
  args: object,
): Promise<void> {
  const address = networkOf(client.address) ?? 'unknown';
  if (option === RENEWAL) return await rateLimits.take('RENEWALS_PER_ADDRESS', address);
  await rateLimits.take('CREDENTIALS_PER_ADDRESS', address);
  const account = option === true ? null : option(args);
  const key = account == null ? principalKeyOf(actor) : `name:${digestOf(account)}`;
  if (key !== null) await rateLimits.take('CREDENTIALS_PER_ACCOUNT', `${key} ${address}`);
}

/** What somebody typed is kept nowhere, not even in Redis. */
const digestOf = (account: string): string =>
  createHash('sha256').update(account.trim().toLowerCase()).digest('base64url');

SchemaBuilder.registerPlugin(CREDENTIAL_FIELDS, CredentialFieldsPlugin);

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      credentialFields: CredentialFieldsPlugin<Types>;
    }
    interface MutationFieldOptions<
      Types extends SchemaTypes,
      Type extends import('@pothos/core').TypeParam<Types>,
      Nullable extends import('@pothos/core').FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveReturnShape,
    > {
      /**
       * The field takes a password, code or token: its uses are counted strictly, per address and there per
       * account. A function names the account by its arguments; otherwise the caller's own is meant. `RENEWAL`: it
       * takes a token for a newer one, which is counted by itself.
       */
      takesCredentials?: TakesCredentials<InputShapeFromFields<Args>>;
    }
  }
}
