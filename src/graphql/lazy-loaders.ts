import SchemaBuilder, { BasePlugin, type PothosTypeConfig, type SchemaTypes } from '@pothos/core';
import type DataLoader from 'dataloader';

/** The name under which the builder lists this plugin. */
export const LAZY_LOADERS = 'lazyLoaders';

/** As far as the dataloader plugin asks the loader of a type. */
type Loader = Pick<DataLoader<unknown, unknown>, 'load' | 'prime'>;

type LoaderOf = (context: object) => Loader;

/**
 * The dataloader plugin asks for the loader of a type whenever a field of it is resolved, and so makes one for each
 * context, though the resolver gave the thing itself. An event of a stream has a context of its own and nothing to
 * load: its loader is made when an id comes.
 */
class LazyLoadersPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onTypeConfig(type: PothosTypeConfig): PothosTypeConfig {
    const loaderOf = type.extensions?.getDataloader as LoaderOf | undefined;
    if (!loaderOf) return type;
    const getDataloader: LoaderOf = (context) => new LazyLoader(context, loaderOf);
    return { ...type, extensions: { ...type.extensions, getDataloader } };
  }
}

class LazyLoader implements Loader {
  readonly #context: object;
  readonly #loaderOf: LoaderOf;

  constructor(context: object, loaderOf: LoaderOf) {
    this.#context = context;
    this.#loaderOf = loaderOf;
  }

  load(key: unknown) {
    return this.#loaderOf(this.#context).load(key);
  }

  prime(...entry: Parameters<Loader['prime']>) {
    return this.#loaderOf(this.#context).prime(...entry);
  }
}

SchemaBuilder.registerPlugin(LAZY_LOADERS, LazyLoadersPlugin);

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      lazyLoaders: LazyLoadersPlugin<Types>;
    }
  }
}
