import { buildSchema } from '../../src/graphql/schema.ts';
import type { Asker, FloorApp } from './app.ts';

/** A mutation, what of its input is wrong, and where: from `input` inwards, with dots between. */
export type WrongInput = readonly [mutation: string, wrong: object, path: string];

/**
 * Where a mutation says that its input is wrong, whether it answers so or fails. Anything else that comes of it is told
 * in place of a path.
 */
export async function pathsOf(
  { ask }: Pick<FloorApp, 'ask'>,
  mutation: string,
  { input, as = 'ADMIN' }: { readonly input: object; readonly as?: Asker },
): Promise<readonly string[]> {
  const type = buildSchema().getMutationType()?.getFields()[mutation]?.args[0]?.type;
  const query = `mutation ($input: ${type}) {
    answer: ${mutation}(input: $input) { __typename ... on Error { message } ... on ValidationError { issues { path message } } }
  }`;
  const { data, errors } = await ask(query, { as, variables: { input } });
  const said: readonly Issue[] = detailsOf(errors?.[0])?.issues ?? data.answer?.issues ?? [];
  return said.length === 0 ? [JSON.stringify({ data, errors })] : said.map(({ path }) => path.join('.'));
}

interface Issue {
  readonly path: readonly string[];
}

const detailsOf = (error: unknown): { readonly issues?: readonly Issue[] } | undefined =>
  (error as { readonly extensions: { readonly details: object } } | undefined)?.extensions.details;
