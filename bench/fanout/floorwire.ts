/** floorwire as it is built, on a database of its own. Its events are written by another process. */
import { serveCommands } from './ipc.ts';
import type { ServerCommand, ServerTask } from './protocol.ts';
import { countWrites, measure } from './server-figures.ts';

const built = (file: string) => import(new URL(`../../dist/${file}`, import.meta.url).href);
const { createApp } = (await built('app.js')) as typeof import('../../src/app.ts');
const { readConfig } = (await built('config.js')) as typeof import('../../src/config.ts');
const { tuneForServing } = (await built('lib/tuning.js')) as typeof import('../../src/lib/tuning.ts');
const { createLogger } = (await built('lib/logger.js')) as typeof import('../../src/lib/logger.ts');

serveCommands<ServerTask, ServerCommand>(async () => {
  let port = 0;
  const writes = countWrites(() => port);
  const app = await createApp(readConfig(), createLogger('error'));
  tuneForServing();
  port = Number(new URL(app.url).port);
  return {
    greeting: port,
    async answer(command) {
      if (command.do === 'publish') throw new Error('floorwire follows its log');
      return measure(command, { ...writes, executions: await readExecutions(app.url) });
    },
  };
});

/** As anybody who watches the server would. */
async function readExecutions(url: string): Promise<number | null> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const found = /^floorwire_executions_total (\d+)$/m.exec(metrics);
  return found ? Number(found[1]) : null;
}
