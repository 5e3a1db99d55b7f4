/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "subscription Notices {\n    notifications { __typename\n      ... on Notification { message } ... on NotificationsRead { readAt } ... on NotificationsDeleted { deletedAt } } }": typeof types.NoticesDocument,
    "query ApiInfo { apiInfo { name version url webSocketUrl schemaUrl startedAt openConnections } }": typeof types.ApiInfoDocument,
    "query Health { health { status timestamp checks { name status message latencyMs } } }": typeof types.HealthDocument,
    "\n      query RealtimeInfo {\n        realtimeInfo {\n          url\n          protocols\n          tokenParameters\n          authentication\n          subscriptions\n          heartbeatIntervalSeconds\n          initTimeoutSeconds\n          maxMessageBytes\n          maxOperationsPerSocket\n          expiryNoticeSeconds\n          maxBufferedBytes\n          maxConnectionsPerAddress\n          maxConnectionsPerUser\n          maxConnectsPerAddress\n          maxConnectsPerUser\n          sseHeartbeatIntervalSeconds\n          resumeWindowSeconds\n          serverTime\n          backoff { initialDelayMs stepMs maxDelayMs maxAttempts factor jitter }\n          fallback { pollIntervalMs retryIntervalMs }\n          streams { name takesAfter beginsWithState pollArguments }\n          closeCodes { code meaning errorCode reconnect }\n        }\n      }\n    ": typeof types.RealtimeInfoDocument,
    "query CloseCodes { realtimeInfo { closeCodes { code reconnect } } }": typeof types.CloseCodesDocument,
    "query Catalog { errorCatalog { code family title httpStatus closeCode closeCodes retryable action } }": typeof types.CatalogDocument,
    "\n      query Closes {\n        errorCatalog { code closeCode closeCodes }\n        realtimeInfo { closeCodes { code errorCode } }\n      }\n    ": typeof types.ClosesDocument,
};
const documents: Documents = {
    "subscription Notices {\n    notifications { __typename\n      ... on Notification { message } ... on NotificationsRead { readAt } ... on NotificationsDeleted { deletedAt } } }": types.NoticesDocument,
    "query ApiInfo { apiInfo { name version url webSocketUrl schemaUrl startedAt openConnections } }": types.ApiInfoDocument,
    "query Health { health { status timestamp checks { name status message latencyMs } } }": types.HealthDocument,
    "\n      query RealtimeInfo {\n        realtimeInfo {\n          url\n          protocols\n          tokenParameters\n          authentication\n          subscriptions\n          heartbeatIntervalSeconds\n          initTimeoutSeconds\n          maxMessageBytes\n          maxOperationsPerSocket\n          expiryNoticeSeconds\n          maxBufferedBytes\n          maxConnectionsPerAddress\n          maxConnectionsPerUser\n          maxConnectsPerAddress\n          maxConnectsPerUser\n          sseHeartbeatIntervalSeconds\n          resumeWindowSeconds\n          serverTime\n          backoff { initialDelayMs stepMs maxDelayMs maxAttempts factor jitter }\n          fallback { pollIntervalMs retryIntervalMs }\n          streams { name takesAfter beginsWithState pollArguments }\n          closeCodes { code meaning errorCode reconnect }\n        }\n      }\n    ": types.RealtimeInfoDocument,
    "query CloseCodes { realtimeInfo { closeCodes { code reconnect } } }": types.CloseCodesDocument,
    "query Catalog { errorCatalog { code family title httpStatus closeCode closeCodes retryable action } }": types.CatalogDocument,
    "\n      query Closes {\n        errorCatalog { code closeCode closeCodes }\n        realtimeInfo { closeCodes { code errorCode } }\n      }\n    ": types.ClosesDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription Notices {\n    notifications { __typename\n      ... on Notification { message } ... on NotificationsRead { readAt } ... on NotificationsDeleted { deletedAt } } }"): (typeof documents)["subscription Notices {\n    notifications { __typename\n      ... on Notification { message } ... on NotificationsRead { readAt } ... on NotificationsDeleted { deletedAt } } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ApiInfo { apiInfo { name version url webSocketUrl schemaUrl startedAt openConnections } }"): (typeof documents)["query ApiInfo { apiInfo { name version url webSocketUrl schemaUrl startedAt openConnections } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Health { health { status timestamp checks { name status message latencyMs } } }"): (typeof documents)["query Health { health { status timestamp checks { name status message latencyMs } } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n      query RealtimeInfo {\n        realtimeInfo {\n          url\n          protocols\n          tokenParameters\n          authentication\n          subscriptions\n          heartbeatIntervalSeconds\n          initTimeoutSeconds\n          maxMessageBytes\n          maxOperationsPerSocket\n          expiryNoticeSeconds\n          maxBufferedBytes\n          maxConnectionsPerAddress\n          maxConnectionsPerUser\n          maxConnectsPerAddress\n          maxConnectsPerUser\n          sseHeartbeatIntervalSeconds\n          resumeWindowSeconds\n          serverTime\n          backoff { initialDelayMs stepMs maxDelayMs maxAttempts factor jitter }\n          fallback { pollIntervalMs retryIntervalMs }\n          streams { name takesAfter beginsWithState pollArguments }\n          closeCodes { code meaning errorCode reconnect }\n        }\n      }\n    "): (typeof documents)["\n      query RealtimeInfo {\n        realtimeInfo {\n          url\n          protocols\n          tokenParameters\n          authentication\n          subscriptions\n          heartbeatIntervalSeconds\n          initTimeoutSeconds\n          maxMessageBytes\n          maxOperationsPerSocket\n          expiryNoticeSeconds\n          maxBufferedBytes\n          maxConnectionsPerAddress\n          maxConnectionsPerUser\n          maxConnectsPerAddress\n          maxConnectsPerUser\n          sseHeartbeatIntervalSeconds\n          resumeWindowSeconds\n          serverTime\n          backoff { initialDelayMs stepMs maxDelayMs maxAttempts factor jitter }\n          fallback { pollIntervalMs retryIntervalMs }\n          streams { name takesAfter beginsWithState pollArguments }\n          closeCodes { code meaning errorCode reconnect }\n        }\n      }\n    "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CloseCodes { realtimeInfo { closeCodes { code reconnect } } }"): (typeof documents)["query CloseCodes { realtimeInfo { closeCodes { code reconnect } } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Catalog { errorCatalog { code family title httpStatus closeCode closeCodes retryable action } }"): (typeof documents)["query Catalog { errorCatalog { code family title httpStatus closeCode closeCodes retryable action } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n      query Closes {\n        errorCatalog { code closeCode closeCodes }\n        realtimeInfo { closeCodes { code errorCode } }\n      }\n    "): (typeof documents)["\n      query Closes {\n        errorCatalog { code closeCode closeCodes }\n        realtimeInfo { closeCodes { code errorCode } }\n      }\n    "];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;