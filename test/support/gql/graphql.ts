/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** What a client does about an error. */
export type ErrorAction =
  /** Have somebody look at it; name the `requestId`. */
  | 'CONTACT'
  /** Send another request; this one will fail again. */
  | 'FIX_INPUT'
  /** Sign in (again). */
  | 'LOGIN'
  /** Get another token, with `refreshToken` or for a socket with `issueRealtimeToken`, and do it again. Where that is refused too, its code says LOGIN. */
  | 'REFRESH'
  /** Send the same request again. */
  | 'RETRY'
  /** Wait a little, then send the same request again. */
  | 'WAIT';

/** Every code an error can have. `errorCatalog` says more about each. */
export type ErrorCode =
  /** The request is not valid. */
  | 'API_001'
  /** There is no such thing. */
  | 'API_002'
  /** Somebody else changed it meanwhile. */
  | 'API_003'
  /** The idempotency key was used for something else. */
  | 'API_004'
  /** Too many requests. */
  | 'API_005'
  /** The operation is too complex. */
  | 'API_006'
  /** The slot is taken. */
  | 'API_010'
  /** It belongs to someone else. */
  | 'API_011'
  /** A limit of bookings or reservations is reached. */
  | 'API_012'
  /** The hold has ended. */
  | 'API_013'
  /** Slots of a series cannot be had. */
  | 'API_014'
  /** Not enough money. */
  | 'API_020'
  /** It is of another currency. */
  | 'API_021'
  /** The wallet is frozen or closed. */
  | 'API_022'
  /** The parking lot has no place left. */
  | 'API_030'
  /** The parking space is taken for that time. */
  | 'API_031'
  /** The device is offline. */
  | 'API_040'
  /** The upload was rejected. */
  | 'API_041'
  /** Not signed in, or the credentials are wrong. */
  | 'AUTH_001'
  /** The access token has expired. */
  | 'AUTH_002'
  /** The token is not valid, or of the wrong kind. */
  | 'AUTH_003'
  /** The caller lacks the scope for this. */
  | 'AUTH_004'
  /** Too many wrong sign-ins, or locked by an administrator. */
  | 'AUTH_005'
  /** A second factor is needed. */
  | 'AUTH_006'
  /** The second factor is wrong. */
  | 'AUTH_007'
  /** The e-mail address is not verified. */
  | 'AUTH_008'
  /** The refresh token was used before, and its session is over. */
  | 'AUTH_009'
  /** The e-mail address is already registered. */
  | 'AUTH_010'
  /** The password is too weak. */
  | 'AUTH_011'
  /** The session is over. */
  | 'AUTH_012'
  /** The password must be changed first. */
  | 'AUTH_013'
  /** The serial port of the line is not available, or nobody drives it. */
  | 'SAS_001'
  /** The machine does not answer. */
  | 'SAS_002'
  /** The answers of the machine arrive damaged. */
  | 'SAS_003'
  /** The machine refused, or is busy. */
  | 'SAS_004'
  /** The machine does not support this. */
  | 'SAS_005'
  /** The machine rejected the transfer. */
  | 'SAS_006'
  /** Nobody knows yet what became of a transfer. */
  | 'SAS_007'
  /** The machine is not locked for the transfer. */
  | 'SAS_008'
  /** It is more than the machine takes. */
  | 'SAS_009'
  /** Internal error. */
  | 'SYS_001'
  /** The database is unavailable. */
  | 'SYS_002'
  /** It took too long, or lost against concurrent work. */
  | 'SYS_003'
  /** The server is shutting down. */
  | 'SYS_004'
  /** An operation came before connection_init, or that came too late. */
  | 'WS_001'
  /** The token of the socket was refused, or has expired. */
  | 'WS_002'
  /** The cursor is not retained, or not of this log. */
  | 'WS_003'
  /** The stream was read too slowly. */
  | 'WS_004'
  /** A connection limit is reached. */
  | 'WS_005'
  /** The session of the connection is over, or an operator closed it. */
  | 'WS_006'
  /** There is no such channel for the caller. */
  | 'WS_007';

/** How something is doing. */
export type HealthStatus =
  /** It works in part. */
  | 'DEGRADED'
  /** It works. */
  | 'HEALTHY'
  /** It does not work. */
  | 'UNHEALTHY';

/** What opens a WebSocket. Anything else closes it with 4403. */
export type RealtimeAuthentication =
  /** A realtime token, an access token, or none for nobody. */
  | 'ACCESS'
  /** A realtime token and nothing else. */
  | 'STRICT';

export type NoticesSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type NoticesSubscription = { notifications:
    | { __typename: 'Notification', message: string }
    | { __typename: 'NotificationsDeleted', deletedAt: string }
    | { __typename: 'NotificationsRead', readAt: string }
   };

export type ApiInfoQueryVariables = Exact<{ [key: string]: never; }>;


export type ApiInfoQuery = { apiInfo: { name: string, version: string, url: string, webSocketUrl: string, schemaUrl: string, startedAt: string, openConnections: number } };

export type HealthQueryVariables = Exact<{ [key: string]: never; }>;


export type HealthQuery = { health: { status: HealthStatus, timestamp: string, checks: Array<{ name: string, status: HealthStatus, message: string, latencyMs: number | null }> } };

export type RealtimeInfoQueryVariables = Exact<{ [key: string]: never; }>;


export type RealtimeInfoQuery = { realtimeInfo: { url: string, protocols: Array<string>, tokenParameters: Array<string>, authentication: RealtimeAuthentication, subscriptions: Array<string>, heartbeatIntervalSeconds: number, initTimeoutSeconds: number, maxMessageBytes: number, maxOperationsPerSocket: number, expiryNoticeSeconds: number, maxBufferedBytes: number, maxConnectionsPerAddress: number, maxConnectionsPerUser: number, maxConnectsPerAddress: number, maxConnectsPerUser: number, sseHeartbeatIntervalSeconds: number, resumeWindowSeconds: number, serverTime: string, backoff: { initialDelayMs: number, stepMs: number, maxDelayMs: number, maxAttempts: number, factor: number, jitter: boolean }, fallback: { pollIntervalMs: number, retryIntervalMs: number }, streams: Array<{ name: string, takesAfter: boolean, beginsWithState: boolean, pollArguments: Array<string> | null }>, closeCodes: Array<{ code: number, meaning: string, errorCode: ErrorCode | null, reconnect: boolean }> } };

export type CloseCodesQueryVariables = Exact<{ [key: string]: never; }>;


export type CloseCodesQuery = { realtimeInfo: { closeCodes: Array<{ code: number, reconnect: boolean }> } };

export type CatalogQueryVariables = Exact<{ [key: string]: never; }>;


export type CatalogQuery = { errorCatalog: Array<{ code: ErrorCode, family: string, title: string, httpStatus: number, closeCode: number | null, closeCodes: Array<number>, retryable: boolean, action: ErrorAction }> };

export type ClosesQueryVariables = Exact<{ [key: string]: never; }>;


export type ClosesQuery = { errorCatalog: Array<{ code: ErrorCode, closeCode: number | null, closeCodes: Array<number> }>, realtimeInfo: { closeCodes: Array<{ code: number, errorCode: ErrorCode | null }> } };


export const NoticesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Notices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"notifications"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Notification"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"NotificationsRead"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"readAt"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"NotificationsDeleted"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deletedAt"}}]}}]}}]}}]} as unknown as DocumentNode<NoticesSubscription, NoticesSubscriptionVariables>;
export const ApiInfoDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ApiInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"apiInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"webSocketUrl"}},{"kind":"Field","name":{"kind":"Name","value":"schemaUrl"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"openConnections"}}]}}]}}]} as unknown as DocumentNode<ApiInfoQuery, ApiInfoQueryVariables>;
export const HealthDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Health"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"health"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"timestamp"}},{"kind":"Field","name":{"kind":"Name","value":"checks"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"latencyMs"}}]}}]}}]}}]} as unknown as DocumentNode<HealthQuery, HealthQueryVariables>;
export const RealtimeInfoDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"RealtimeInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"realtimeInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"protocols"}},{"kind":"Field","name":{"kind":"Name","value":"tokenParameters"}},{"kind":"Field","name":{"kind":"Name","value":"authentication"}},{"kind":"Field","name":{"kind":"Name","value":"subscriptions"}},{"kind":"Field","name":{"kind":"Name","value":"heartbeatIntervalSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"initTimeoutSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"maxMessageBytes"}},{"kind":"Field","name":{"kind":"Name","value":"maxOperationsPerSocket"}},{"kind":"Field","name":{"kind":"Name","value":"expiryNoticeSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"maxBufferedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"maxConnectionsPerAddress"}},{"kind":"Field","name":{"kind":"Name","value":"maxConnectionsPerUser"}},{"kind":"Field","name":{"kind":"Name","value":"maxConnectsPerAddress"}},{"kind":"Field","name":{"kind":"Name","value":"maxConnectsPerUser"}},{"kind":"Field","name":{"kind":"Name","value":"sseHeartbeatIntervalSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"resumeWindowSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"serverTime"}},{"kind":"Field","name":{"kind":"Name","value":"backoff"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"initialDelayMs"}},{"kind":"Field","name":{"kind":"Name","value":"stepMs"}},{"kind":"Field","name":{"kind":"Name","value":"maxDelayMs"}},{"kind":"Field","name":{"kind":"Name","value":"maxAttempts"}},{"kind":"Field","name":{"kind":"Name","value":"factor"}},{"kind":"Field","name":{"kind":"Name","value":"jitter"}}]}},{"kind":"Field","name":{"kind":"Name","value":"fallback"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pollIntervalMs"}},{"kind":"Field","name":{"kind":"Name","value":"retryIntervalMs"}}]}},{"kind":"Field","name":{"kind":"Name","value":"streams"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"takesAfter"}},{"kind":"Field","name":{"kind":"Name","value":"beginsWithState"}},{"kind":"Field","name":{"kind":"Name","value":"pollArguments"}}]}},{"kind":"Field","name":{"kind":"Name","value":"closeCodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"meaning"}},{"kind":"Field","name":{"kind":"Name","value":"errorCode"}},{"kind":"Field","name":{"kind":"Name","value":"reconnect"}}]}}]}}]}}]} as unknown as DocumentNode<RealtimeInfoQuery, RealtimeInfoQueryVariables>;
export const CloseCodesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CloseCodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"realtimeInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"closeCodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"reconnect"}}]}}]}}]}}]} as unknown as DocumentNode<CloseCodesQuery, CloseCodesQueryVariables>;
export const CatalogDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Catalog"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"errorCatalog"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"family"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"httpStatus"}},{"kind":"Field","name":{"kind":"Name","value":"closeCode"}},{"kind":"Field","name":{"kind":"Name","value":"closeCodes"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}},{"kind":"Field","name":{"kind":"Name","value":"action"}}]}}]}}]} as unknown as DocumentNode<CatalogQuery, CatalogQueryVariables>;
export const ClosesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Closes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"errorCatalog"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"closeCode"}},{"kind":"Field","name":{"kind":"Name","value":"closeCodes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"realtimeInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"closeCodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"errorCode"}}]}}]}}]}}]} as unknown as DocumentNode<ClosesQuery, ClosesQueryVariables>;