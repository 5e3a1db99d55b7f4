/** What most would build: GraphQL Yoga with its PubSub, sockets by the stock server of graphql-ws. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPubSub } from '@graphql-yoga/subscription';
import { useServer } from 'graphql-ws/use/ws';
import { createSchema, createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { type BenchEvent, CURSOR, machineIdOf, newEvent } from './events.ts';
import { serveCommands } from './ipc.ts';
import { nowMs, type ServerCommand, type ServerTask } from './protocol.ts';
import { countWrites, measure } from './server-figures.ts';

const typeDefs = `
  scalar JSON
  scalar DateTime
  scalar Cursor
  type Query { hello: String }
  type Subscription { machineEvents(machineIds: [ID!]): MachineEvent! }
  type MachineEvent {
    id: ID!
    type: String!
    exceptionCode: Int
    data: JSON
    occurredAt: DateTime!
    cursor: Cursor
  }
`;

const EVERY_MACHINE = 'every machine';

serveCommands<ServerTask, ServerCommand>(async ({ machineIds }) => {
  const writes = countWrites(() => port);
  const pubsub = createPubSub<{ events: [topic: string, event: BenchEvent] }>();
  let executions = 0;
  const schema = createSchema({
    typeDefs,
    resolvers: {
      Subscription: {
        machineEvents: {
          subscribe: (_root, { machineIds: [topic] = [EVERY_MACHINE] }: { machineIds?: string[] }) =>
            pubsub.subscribe('events', topic ?? EVERY_MACHINE),
          resolve(event: BenchEvent) {
            executions += 1;
            return { ...event, id: machineIdOf(event.id), cursor: CURSOR };
          },
        },
      },
    },
  });
  const port = await listen(createYoga({ schema, logging: false }));
  let isPrivate = false;
  return {
    greeting: port,
    answer(command) {
      if (command.do === 'measure') return measure(command, { ...writes, executions });
      isPrivate ||= command.topics.some((topic) => topic > 0);
      const at = nowMs();
      for (const topic of command.topics)
        pubsub.publish(
          'events',
          isPrivate ? machineIdOf(machineIds[topic] ?? '') : EVERY_MACHINE,
          newEvent(),
        );
      return { at };
    },
  };
});

/** As Yoga's documentation joins the two. */
async function listen(yoga: ReturnType<typeof createYoga>): Promise<number> {
  const server = createServer(yoga);
  const sockets = new WebSocketServer({ server, path: '/graphql', perMessageDeflate: false });
  type Enveloped = ReturnType<typeof yoga.getEnveloped>;
  type Rooted = { readonly rootValue: Pick<Enveloped, 'execute' | 'subscribe'> };
  useServer(
    {
      execute: (args) => (args as unknown as Rooted).rootValue.execute(args),
      subscribe: (args) => (args as unknown as Rooted).rootValue.subscribe(args),
      async onSubscribe(context, _id, params) {
        const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
          ...context,
          req: context.extra.request,
          socket: context.extra.socket,
          params,
        });
        const args = {
          schema,
          operationName: params.operationName,
          document: parse(params.query),
          variableValues: params.variables,
          contextValue: await contextFactory(),
          rootValue: { execute, subscribe },
        };
        const errors = validate(args.schema, args.document);
        return errors.length > 0 ? errors : args;
      },
    },
    sockets,
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
