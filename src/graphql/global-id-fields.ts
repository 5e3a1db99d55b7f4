import { completeValue, RootFieldBuilder } from '@pothos/core';
import '@pothos/plugin-relay';
import { encodeGlobalId } from './ids.ts';

/** What a resolver of a global id gives: a type by its name or reference, and the id of one of it. */
interface Identity {
  readonly type: string;
  readonly id: unknown;
}

type Given = Identity | string | null | undefined;

interface FieldOptions {
  readonly resolve: (...field: readonly unknown[]) => PromiseLike<Given> | Given;
}

/** As far as a field builder is used here. */
interface IdFields {
  readonly builder: { readonly configStore: { getTypeConfig(type: string): { readonly name: string } } };
  field(options: object): unknown;
  globalID(options: FieldOptions): unknown;
}

/**
 * The plugin resolves each global id by an async function, and so every object that has one is put together by promises
 * and its list by promises of them. Ours are known at once: an event that asks nothing else of anybody is executed
 * without waiting, and what it needed is garbage before the next begins.
 */
(RootFieldBuilder.prototype as unknown as IdFields).globalID = function globalID({ resolve, ...options }) {
  const encode = (given: Given) => {
    if (given === null || given === undefined || typeof given === 'string') return given;
    return encodeGlobalId(this.builder.configStore.getTypeConfig(given.type).name, String(given.id));
  };
  return this.field({
    ...options,
    type: 'ID',
    resolve: (...field: readonly unknown[]) => completeValue(resolve(...field), encode),
  });
};
