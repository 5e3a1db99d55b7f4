import { type ExecutionArgs, type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import { isAsyncIterable } from '../graphql/stream.ts';
import { type Answer, answerWith, takesEventStream } from './answer.ts';
import type { PreparedDocument } from './documents.ts';
import { RequestRefusedError } from './errors.ts';
import type { GraphQLRequest } from './graphql-request.ts';
import { asGraphQLError, type OperationArguments, type Operations } from './operations.ts';
import type { PrepareAsked } from './persisted-documents.ts';
import type { RequestLog } from './request-log.ts';
import type { StreamedAnswer } from './responses.ts';
import type { Outlet } from './sink.ts';

/** One GraphQL request over HTTP, read and not yet answered. */
export interface HttpCall {
  readonly method: 'GET' | 'POST';
  readonly accept: string | null;
  readonly request: GraphQLRequest;
  readonly log: RequestLog;
  /** Made when the document has proved good. @throws what authentication throws */
  readonly context: () => Promise<OperationArguments['contextValue']>;
  /** Where the frames of a subscription go, which is to be the body of the answer. */
  readonly events: () => Outlet;
  /** The body of its answer. @throws ConnectionLimitError, and when nobody is there to read it */
  readonly stream: () => ReadableStream<Uint8Array>;
  /** Ends it unanswered. */
  readonly unsubscribe: () => void;
}

/** Answers a call, a subscription by a stream. @throws what Yoga throws */
export type AnswerCall = (call: HttpCall) => Promise<Answer | StreamedAnswer>;

export interface HttpAnswersOptions {
  readonly schema: GraphQLSchema;
  readonly prepare: PrepareAsked;
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

const URL_OF_ENDPOINT = 'http://localhost/graphql';

/**
 * GraphQL by Yoga. Documents, execution, subscriptions and errors are those of the other transports, so Yoga's own
 * parser, cache, masking and pages are off; and HTTP is read and written by those who call, so Yoga is handed what
 * a request holds and hands back the result, without a request and a response of its own for each.
 */
export function createHttpAnswers({ schema, prepare, operations }: HttpAnswersOptions): AnswerCall {
  const yoga = createYoga<Prepared, OwnContext>({
    schema,
    context: async ({ call }) => ({ own: await call.context() }),
    plugins: [sharedEngine(operations)],
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    maskedErrors: false,
    parserAndValidationCache: false,
    logging: false,
  });
  const { getResultForParams } = yoga;
  // All that Yoga looks at is the method.
  const requests = {
    GET: new yoga.fetchAPI.Request(URL_OF_ENDPOINT, { method: 'GET' }),
    POST: new yoga.fetchAPI.Request(URL_OF_ENDPOINT, { method: 'POST' }),
  };
  return async (call) => {
    const prepared = prepare(call.request.document);
    nameOperation(call, prepared);
    const of = { params: paramsOf(call.request), request: requests[call.method] };
    const result = await getResultForParams(of, { call, prepared });
    if (isAsyncIterable(result)) return streamed(call);
    return answerWith(result as ExecutionResult, call.accept, call.log.errors);
  };
}

const paramsOf = ({ document, operationName, variables }: GraphQLRequest): GraphQLParams => ({
  // Yoga does not look at it, but wants one.
  query: document.query ?? '',
  ...(operationName !== null && { operationName }),
  ...(variables && { variables }),
});

function nameOperation({ request, log }: HttpCall, { document }: PreparedDocument): void {
  const operation = document && getOperationAST(document, request.operationName);
  if (operation) log.operation({ kind: operation.operation, name: operation.name?.value ?? null });
}

function sharedEngine(operations: Operations): YogaPlugin {
  const own = (args: ExecutionArgs): OperationArguments => ({
    ...args,
    contextValue: (args.contextValue as OwnContext).own,
  });
  const subscribe = (args: ExecutionArgs) =>
    operations.subscribe(own(args), (args.contextValue as Prepared).call.events());
  return {
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

function streamed(call: HttpCall): Answer | StreamedAnswer {
  try {
    if (!takesEventStream(call.accept))
      throw new RequestRefusedError(406, 'A subscription is answered as text/event-stream.');
    return { headers: STREAM_HEADERS, stream: call.stream() };
  } catch (error) {
    call.unsubscribe();
    return answerWith({ errors: [asGraphQLError(error)] }, call.accept, call.log.errors);
  }
}

const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};
