/** The page around GraphiQL: what it loads, and how it reaches the server. */
export const graphiqlPage = (assets: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>floorwire</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${assets}/graphiql.css" />
    <script src="${assets}/graphiql.js" defer></script>
    <script src="${assets}/page.js" type="module"></script>
  </head>
  <body class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
  </body>
</html>
`;

/** What a newcomer sees first. The README shows the same. */
const FIRST_OPERATIONS = `# 1. Run SignIn: the play button has a menu. Its token
#    then goes with everything you run on this page.
#    (This is the demo's operator; elsewhere sign in as yourself.)
# 2. Run Meters: machines play, and you see it live.
#
# A token in the Headers tab takes precedence:
#    { "Authorization": "Bearer …" }

mutation SignIn {
  login(
    input: {
      identifier: "operator"
      password: "walk-across-the-floor"
    }
  ) {
    __typename
    ... on LoginSuccess {
      accessToken
      expiresAt
    }
    ... on Error {
      code
      message
    }
  }
}

subscription Meters {
  meters {
    machine {
      name
      status
    }
    readAt
    values {
      code
      value
      money {
        formatted
      }
      delta
    }
  }
}
`;

const WHY_NO_SOCKET =
  'Is this page at PUBLIC_URL, or in CORS_ORIGINS? README, “When sockets do not connect”, has the rest.';

/**
 * The script of the page, as the browser gets it. Queries and mutations go by fetch, subscriptions
 * by graphql-ws; the token is that of the header editor, or of the last sign-in on this page,
 * which is kept in memory only.
 */
export const GRAPHIQL_SCRIPT = `import { createClient } from './graphql-ws.js';

const endpoint = location.origin + '/graphql';
const assets = new URL('.', import.meta.url).href;
let signedInToken = null;

self.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (_module, label) =>
    assets + ({ json: 'json.worker.js', graphql: 'graphql.worker.js' }[label] ?? 'editor.worker.js'),
};

function authorizationOf(headers) {
  const written = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization');
  return written?.[1] ?? (signedInToken && 'Bearer ' + signedInToken);
}

/** Whatever has signed in, under whatever name: its second step, a renewal, a provider, a device. */
function rememberSignIn({ data }) {
  for (const answer of Object.values(data ?? {}))
    if (typeof answer?.accessToken === 'string') signedInToken = answer.accessToken;
}

async function send(operation, headers, authorization) {
  let status = null;
  try {
    const sent = new Headers(headers ?? {});
    // One of each, however the editor spells its name.
    sent.set('content-type', 'application/json');
    sent.set('accept', 'application/graphql-response+json, application/json');
    if (authorization) sent.set('authorization', authorization);
    const response = await fetch(endpoint, { method: 'POST', headers: sent, body: JSON.stringify(operation) });
    status = response.status;
    return { result: await response.json(), isRefused: status === 401 };
  } catch ({ message }) {
    const what = status === null ? 'The server was not reached: ' : 'What answered ' + status + ' is not GraphQL: ';
    return { result: { errors: [{ message: what + message }] } };
  }
}

async function post(operation, headers, kind) {
  const token = signedInToken;
  const authorization = authorizationOf(headers);
  const { result, isRefused } = await send(operation, headers, authorization);
  rememberSignIn(result);
  if (!isRefused || !token || authorization !== 'Bearer ' + token) return result;
  // It has ended, and nothing ran. A query would be answered without it and look as if all was well.
  if (signedInToken === token) signedInToken = null;
  if (kind === 'query') return result;
  const { result: again } = await send(operation, headers, null);
  rememberSignIn(again);
  return again.errors ? result : again;
}

const ISSUE = 'mutation { issueRealtimeToken { ... on IssueRealtimeTokenSuccess { token } } }';

async function connectionParams(headers) {
  const accessToken = authorizationOf(headers)?.replace(/^Bearer +/i, '');
  if (!accessToken) return {};
  const issued = await post({ query: ISSUE }, headers);
  const realtimeToken = issued.data?.issueRealtimeToken?.token;
  // What is wrong with a token that gives no other, the socket says.
  return realtimeToken ? { realtimeToken } : { accessToken };
}

function subscribe(operation, headers) {
  return {
    subscribe(observer) {
      let wasOpen = false;
      const client = createClient({
        on: { opened: () => (wasOpen = true) },
        url: endpoint.replace(/^http/, 'ws'),
        connectionParams: () => connectionParams(headers),
        // A refused token is refused again, and what an operator or a sign-out closed is to stay closed.
        shouldRetry: (closed) => typeof closed?.code === 'number' && ![4403, 4493].includes(closed.code),
      });
      const unsubscribe = client.subscribe(operation, {
        next: (result) => observer.next(result),
        error: (error) => {
          // Why a socket does not come about no browser says.
          const lost = wasOpen ? 'The connection was lost.' : 'No WebSocket came about. ${WHY_NO_SOCKET}';
          const message = error?.reason || error?.message || lost;
          observer.next({ errors: Array.isArray(error) ? error : [{ message }] });
          observer.complete();
        },
        complete: () => observer.complete(),
      });
      return { unsubscribe };
    },
  };
}

function kindOf(operation, document) {
  const operations = document?.definitions.filter(({ kind }) => kind === 'OperationDefinition') ?? [];
  const chosen = operations.find(({ name }) => name?.value === operation.operationName) ?? operations[0];
  return chosen?.operation;
}

YogaGraphiQL.renderYogaGraphiQL(document.getElementById('root'), {
  title: 'floorwire',
  logo: '',
  defaultQuery: ${JSON.stringify(FIRST_OPERATIONS)},
  shouldPersistHeaders: false,
  // Queries can hold passwords: they outlive a reload and not the tab, and have no place in a URL.
  storage: sessionStorage,
  onEditQuery: () => {},
  fetcher: (operation, { headers, documentAST } = {}) => {
    const kind = kindOf(operation, documentAST);
    return kind === 'subscription' ? subscribe(operation, headers) : post(operation, headers, kind);
  },
});
`;
