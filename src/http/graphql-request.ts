import type { IncomingMessage } from 'node:http';
import { type AskedDocument, askedDocument, isRecord } from './asked-document.ts';
import { RequestRefusedError } from './errors.ts';
import type { Limits } from './limits.ts';
import { readBody } from './request-body.ts';

/** What GraphQL over HTTP carries, its shape checked and nothing more. */
export interface GraphQLRequest {
  readonly document: AskedDocument;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>> | null;
}

/**
 * Reads the operation of a request: a JSON body, or the parameters of a GET. A form or a plain
 * text, which any page may send from a visitor's browser, carries none (RULES 29).
 *
 * @throws RequestRefusedError
 */
export async function readGraphQLRequest(
  request: IncomingMessage,
  url: URL,
  limits: Limits,
): Promise<GraphQLRequest> {
  if (request.method === 'GET') return parseParameters(url.searchParams);
  if (request.method !== 'POST') throw new RequestRefusedError(405, 'GraphQL takes GET and POST.');
  if (!isJson(request.headers['content-type'])) {
    throw new RequestRefusedError(415, 'Send the operation as application/json.');
  }
  if (request.headers['content-encoding'] !== undefined) {
    throw new RequestRefusedError(415, 'Send the body without a content-encoding.');
  }
  return parseRequest(parseJson(await readBody(request, limits), 'The body'));
}

const isJson = (contentType: string | undefined): boolean =>
  contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';

function parseParameters(parameters: URLSearchParams): GraphQLRequest {
  const json = (name: string) => {
    const text = parameters.get(name);
    return text ? parseJson(text, `The parameter ${name}`) : null;
  };
  return parseRequest({
    query: parameters.get('query'),
    documentId: parameters.get('documentId'),
    operationName: parameters.get('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  });
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestRefusedError(400, `${what} is not JSON.`);
  }
}

function parseRequest(request: unknown): GraphQLRequest {
  if (Array.isArray(request)) throw new RequestRefusedError(400, 'One request carries one operation.');
  if (!isRecord(request)) throw new RequestRefusedError(400, 'The body is not an object.');
  const { operationName = null, variables = null } = request;
  const document = askedDocument(request);
  if (operationName !== null && typeof operationName !== 'string') {
    throw new RequestRefusedError(400, 'operationName must be a text.');
  }
  if (variables !== null && !isRecord(variables))
    throw new RequestRefusedError(400, 'variables must be an object.');
  return { document, operationName, variables };
}
