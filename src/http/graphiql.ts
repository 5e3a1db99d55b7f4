import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { prefersGzip } from './accepted-encoding.ts';
import { GRAPHIQL_SCRIPT, graphiqlPage } from './graphiql-page.ts';
import type { Reply } from './responses.ts';

/** GraphiQL, with everything it loads, from this server. */
export interface Graphiql {
  page(): Promise<Reply>;
  /** A file the page loads, null when there is none of this name. */
  asset(name: string, acceptEncoding: string | undefined): Promise<Reply | null>;
}

/** A file as it is kept. */
export interface Asset {
  readonly type: string;
  readonly text: string;
  readonly zipped: () => Promise<Uint8Array>;
}

/** What the page is made of. */
export interface Bundle {
  readonly html: string;
  /** By path below `/graphql/assets/`. */
  readonly assets: ReadonlyMap<string, Asset>;
}

/** The page may load from and connect to nothing but its own server; the editor writes styles as it goes. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "worker-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const JAVASCRIPT = 'text/javascript; charset=utf-8';
const STYLESHEET = 'text/css; charset=utf-8';

const zip = promisify(gzip);

/** It is several megabytes of script, so it is read when the first browser comes. */
export function createGraphiql(read: () => Promise<Bundle> = loadBundle): Graphiql {
  let loading: Promise<Bundle> | null = null;
  const load = () => {
    loading ??= read().catch((error: unknown) => {
      // What was in the way may pass: too many files were open.
      loading = null;
      throw error;
    });
    return loading;
  };

  return {
    async page() {
      const { html } = await load();
      const headers = {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': PAGE_POLICY,
      };
      return { status: 200, headers, body: html };
    },
    async asset(name, acceptEncoding) {
      const asset = (await load()).assets.get(name);
      if (!asset) return null;
      const isZipped = prefersGzip(acceptEncoding);
      const headers = {
        'content-type': asset.type,
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'Accept-Encoding',
        ...(isZipped && { 'content-encoding': 'gzip' }),
      };
      return { status: 200, headers, body: isZipped ? await asset.zipped() : asset.text };
    },
  };
}

async function loadBundle(): Promise<Bundle> {
  const { js, css, editorWorkerService, jsonWorker, graphqlWorker } = await import(
    '@graphql-yoga/render-graphiql/graphiql'
  );
  const files: [name: string, type: string, text: string][] = [
    ['graphiql.js', JAVASCRIPT, js],
    ['graphiql.css', STYLESHEET, css],
    ['editor.worker.js', JAVASCRIPT, editorWorkerService],
    ['json.worker.js', JAVASCRIPT, jsonWorker],
    ['graphql.worker.js', JAVASCRIPT, graphqlWorker],
    ['page.js', JAVASCRIPT, GRAPHIQL_SCRIPT],
    ...(await readWebSocketClient()),
  ];
  // One version for all of them, so that what imports its neighbour gets the right one.
  const version = createHash('sha256')
    .update(files.map(([, , text]) => text).join())
    .digest('hex')
    .slice(0, 16);
  return {
    html: graphiqlPage(`/graphql/assets/${version}`),
    assets: new Map(files.map(([name, type, text]) => [`${version}/${name}`, assetOf(type, text)])),
  };
}

function assetOf(type: string, text: string): Asset {
  let zipping: Promise<Uint8Array> | null = null;
  return {
    type,
    text,
    zipped: () => {
      zipping ??= zip(text);
      return zipping;
    },
  };
}

/** The browser's graphql-ws client as the package ships it: one module, and the neighbours it imports. */
async function readWebSocketClient(): Promise<[name: string, type: string, text: string][]> {
  const entry = fileURLToPath(import.meta.resolve('graphql-ws/client'));
  const text = await readFile(entry, 'utf8');
  const neighbours = new Set([...text.matchAll(/from '\.\/([\w.-]+\.js)'/g)].map(([, name]) => name ?? ''));
  const read = [...neighbours].map(async (name): Promise<[string, string, string]> => {
    return [name, JAVASCRIPT, await readFile(join(dirname(entry), name), 'utf8')];
  });
  return [['graphql-ws.js', JAVASCRIPT, text], ...(await Promise.all(read))];
}
