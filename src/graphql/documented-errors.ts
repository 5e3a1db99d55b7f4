import SchemaBuilder, {
  BasePlugin,
  type PothosOutputFieldConfig,
  PothosSchemaError,
  type SchemaTypes,
} from '@pothos/core';
import { ERROR_NAMES } from './error-names.ts';

/** The name under which the builder lists this plugin. */
export const DOCUMENTED_ERRORS = 'documentedErrors';

/**
 * Each mutation says at the end of its description which errors it may answer with, and their codes: it is read where
 * the field is chosen, before anybody opens its union and each member of that.
 */
class DocumentedErrorsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const errors = 'errors' in field.pothosOptions ? field.pothosOptions.errors : undefined;
    const types = (errors as { readonly types?: readonly unknown[] } | undefined)?.types ?? [];
    if (field.kind !== 'Mutation' || types.length === 0) return field;
    const names = types.map((type) => {
      const known = ERROR_NAMES.get(type);
      if (!known)
        throw new PothosSchemaError(`${field.name} may answer with what is no error of the schema.`);
      return `${known.name} (${known.code})`;
    });
    const listed = [...new Set(names)].sort().join(', ');
    return { ...field, description: `${field.description ?? ''} Errors: ${listed}.` };
  }
}

SchemaBuilder.registerPlugin(DOCUMENTED_ERRORS, DocumentedErrorsPlugin);

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      documentedErrors: DocumentedErrorsPlugin<Types>;
    }
  }
}
