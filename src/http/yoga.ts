import { type ExecutionArgs, type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { isAsyncIterable, isSubscription, type Subscription } from '../graphql/stream.ts';
import { type Answer, answerWith, takesEventStream } from './answer.ts';
import type { PrepareDocument, PreparedDocument } from './documents.ts';
import { RequestRefusedError } from './errors.ts';
import type { GraphQLRequest } from './graphql-request.ts';
import { asGraphQLError, type OperationArguments, type Operations } from './operations.ts';
import type { RequestLog } from './request-log.ts';
import type { Sink } from './sink.ts';

/** One GraphQL request over HTTP, read and not yet answered. */
export interface HttpCall {
  readonly method: 'GET' | 'POST';
  readonly accept: string | null;
  readonly request: GraphQLRequest;
  readonly log: RequestLog;
  /** Made when the document has proved good. @throws what authentication throws */
  readonly context: () => Promise<OperationArguments['contextValue']>;
  /** Where the frames of a subscription go, which is to be the body of the answer. */
  readonly events: () => Sink;
  /** Told of the subscription that has begun, before Yoga wraps it. */
  readonly subscribed: (subscription: Subscription) => void;
  /** The body of its answer. @throws ConnectionLimitError, and when nobody is there to read it */
  readonly stream: () => ReadableStream<Uint8Array>;
  /** Ends it unanswered. */
  readonly unsubscribe: () => void;
}

/** Answers a call. It does not throw. */
export type AnswerCall = (call: HttpCall) => Promise<Response>;

export interface HttpAnswersOptions {
  readonly schema: GraphQLSchema;
  readonly prepare: PrepareDocument;
  readonly operations: Operations;
}

/** What travels through Yoga beside its own request. */
interface Prepared {
  readonly call: HttpCall;
  readonly prepared: PreparedDocument;
}

interface OwnContext {
  readonly own: OperationArguments['contextValue'];
}

type YogaPlugin = Plugin<OwnContext & Prepared, Prepared>;

const ENDPOINT = '/graphql';
const URL_OF_ENDPOINT = `http://localhost${ENDPOINT}`;

/**
 * GraphQL over HTTP by Yoga. Documents, execution, subscriptions and errors are those of the
 * other transports, so Yoga's own parser, cache, masking and pages are off.
 */
export function createHttpAnswers({ schema, prepare, operations }: HttpAnswersOptions): AnswerCall {
  const yoga = createYoga<Prepared, OwnContext>({
    schema,
    graphqlEndpoint: ENDPOINT,
    context: async ({ call }) => ({ own: await call.context() }),
    plugins: [sharedEngine(operations), sharedAnswers],
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    maskedErrors: false,
    parserAndValidationCache: false,
    logging: false,
  });
  return async (call) => {
    const prepared = prepare(call.request.query);
    nameOperation(call, prepared);
    const request = new yoga.fetchAPI.Request(URL_OF_ENDPOINT, { method: call.method });
    return await yoga.handleRequest(request, { call, prepared });
  };
}

function nameOperation({ request, log }: HttpCall, { document }: PreparedDocument): void {
  const operation = document && getOperationAST(document, request.operationName);
  if (operation) log.operation({ kind: operation.operation, name: operation.name?.value ?? null });
}

function sharedEngine(operations: Operations): YogaPlugin {
  const own = (args: ExecutionArgs): OperationArguments => ({
    ...args,
    contextValue: (args.contextValue as OwnContext).own,
  });
  async function subscribe(args: ExecutionArgs) {
    const { call } = args.contextValue as Prepared;
    const result = await operations.subscribe(own(args), call.events());
    if (isSubscription(result)) call.subscribed(result);
    return result;
  }
  return {
    onRequestParse({ serverContext, setRequestParser }) {
      const { query, operationName, variables } = serverContext.call.request;
      setRequestParser(() => ({
        query,
        ...(operationName !== null && { operationName }),
        ...(variables && { variables }),
      }));
    },
    onParams({ context, setResult }) {
      const { errors } = context.prepared;
      if (errors) setResult({ errors: [...errors] });
    },
    onParse: ({ context, setParsedDocument }) => setParsedDocument(context.prepared.document),
    onValidate: ({ setResult }) => setResult([]),
    onExecute: ({ setExecuteFn }) => setExecuteFn((args) => operations.execute(own(args))),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
  };
}

const sharedAnswers: YogaPlugin = {
  onResultProcess({ serverContext, setResultProcessor }) {
    const { call } = serverContext;
    setResultProcessor((result, { Response }) => {
      if (isAsyncIterable(result)) return streamResponse(call, Response);
      return responseOf(answerWith(result as ExecutionResult, call.accept, call.log.errors), Response);
    }, 'application/json');
  },
};

function responseOf({ status, headers, body }: Answer, ResponseClass: typeof Response): Response {
  return new ResponseClass(body, { status, headers });
}

function streamResponse(call: HttpCall, ResponseClass: typeof Response): Response {
  try {
    if (!takesEventStream(call.accept))
      throw new RequestRefusedError(406, 'A subscription is answered as text/event-stream.');
    return new ResponseClass(call.stream(), { headers: STREAM_HEADERS });
  } catch (error) {
    call.unsubscribe();
    const refused = { errors: [asGraphQLError(error)] };
    return responseOf(answerWith(refused, call.accept, call.log.errors), ResponseClass);
  }
}

const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};
