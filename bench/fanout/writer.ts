/** Another process of the same floor: what it writes reaches subscribers through the log. */
import { APP_ROLE, openDatabase } from '../../src/db/database.ts';
import { startSequencer } from '../../src/events/sequencer.ts';
import { system } from '../../src/lib/actor.ts';
import '../../src/machine/events.ts';
import { createRunWork } from '../../src/work.ts';
import { newEvent } from './events.ts';
import { serveCommands } from './ipc.ts';
import { nowMs, type ServerCommand, type ServerTask } from './protocol.ts';

serveCommands<ServerTask, ServerCommand>(async ({ connection, venueId, machineIds }) => {
  const { db } = openDatabase({ connection, poolSize: 4, applicationName: 'bench writer', role: APP_ROLE });
  const sequencer = startSequencer({ db, onMoved: () => {}, onError: console.error });
  const runWork = createRunWork({ db, onEvents: sequencer.wake });
  return {
    greeting: null,
    async answer(command) {
      if (command.do === 'measure') throw new Error('the writer is not in the contest');
      const at = nowMs();
      await runWork(system('bench'), async (work) => {
        for (const topic of command.topics)
          work.emit({
            type: 'machine.event-raised',
            venueId,
            event: { ...newEvent(), machineId: machineIds[topic] ?? '' },
            machineVersion: '1',
            billAcceptorEnabled: null,
          });
      });
      return { at };
    },
  };
});
