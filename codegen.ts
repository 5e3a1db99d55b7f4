import { execFileSync } from 'node:child_process';
import type { CodegenConfig } from '@graphql-codegen/cli';

const SCHEMA = 'schema.graphql';

/** `npm run codegen` prints the schema and makes the operations of the tests typed documents of it. */
execFileSync(process.execPath, ['--import', 'tsx', 'scripts/print-schema.ts', SCHEMA], { stdio: 'inherit' });

const config: CodegenConfig = {
  schema: SCHEMA,
  documents: ['test/**/*.ts', '!test/support/gql/**'],
  generates: {
    'test/support/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        strictScalars: true,
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: {
          BigInt: 'string',
          CurrencyCode: 'string',
          Cursor: 'string',
          DateTime: 'string',
          Decimal: 'string',
          Duration: 'string',
          EmailAddress: 'string',
          JSON: 'unknown',
          LocalDate: 'string',
          LocalTime: 'string',
          TimeZone: 'string',
          URL: 'string',
        },
      },
    },
  },
  emitLegacyCommonJSImports: false,
  importExtension: '.ts',
};

export default config;
