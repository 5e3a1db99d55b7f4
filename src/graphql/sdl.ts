import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';

/** A schema in the schema definition language, everything in the order of its name. */
export const printSdl = (schema: GraphQLSchema): string =>
  `${printSchema(lexicographicSortSchema(schema))}\n`;
