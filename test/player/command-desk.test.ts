import { expect, test } from 'vitest';
import type { PlayedCommand } from '../../src/player/command.ts';
import { createCommandDesk, type Task } from '../../src/player/command-desk.ts';
import { DeskError } from '../../src/player/desk.ts';
import { manualTimers } from '../support/manual-timers.ts';
import { scriptedDesk, unreachable } from '../support/scripted-desk.ts';

const command = (id: string, kind = 'RELOAD'): PlayedCommand => ({
  id,
  kind,
  parameters: { seconds: null, on: null },
});

function aCommandDesk(tasks: readonly Task[] = []) {
  const timers = manualTimers();
  const server = scriptedDesk();
  const executed: string[] = [];
  let kept = tasks;
  const commands = createCommandDesk({
    desk: server,
    timers,
    execute({ id, kind }) {
      executed.push(id);
      if (kind === 'EXPLODE') throw new Error('boom');
      return { state: 'SUCCEEDED', result: { id } };
    },
    tasks,
    async onTasks(now) {
      kept = now;
    },
    onError: () => {},
  });
  const said = () => server.asked.map(({ input: { commandId, state } }) => `${commandId} ${state}`);
  return { timers, server, commands, executed, said, kept: () => kept };
}

test('a command is acknowledged, done once however often it is told, and its outcome said', async () => {
  const { timers, server, commands, executed, said } = aCommandDesk();
  for (const id of ['one', 'two', 'one']) commands.hear(command(id));
  await timers.advance(0);
  commands.hear(command('one'));
  await timers.advance(0);
  expect(executed).toEqual(['one', 'two']);
  expect(said()).toEqual(['one ACKNOWLEDGED', 'one SUCCEEDED', 'two ACKNOWLEDGED', 'two SUCCEEDED']);
  expect(server.asked[1]?.input).toEqual({ commandId: 'one', state: 'SUCCEEDED', result: { id: 'one' } });
});

test('what the server does not hear is not done yet, and is acknowledged again by itself', async () => {
  const { timers, server, commands, executed, said } = aCommandDesk();
  server.answer = unreachable;
  commands.hear(command('one'));
  await timers.advance(2_000);
  expect([executed, said()]).toEqual([[], ['one ACKNOWLEDGED', 'one ACKNOWLEDGED']]);
  server.answer = ({ input }) => (input.state === 'SUCCEEDED' ? unreachable() : {});
  commands.hurry();
  await timers.advance(2_000);
  expect(executed).toEqual(['one']);
  server.answer = () => ({});
  await timers.advance(2_000);
  expect(executed).toEqual(['one']);
  expect(said().slice(2)).toEqual(['one ACKNOWLEDGED', 'one SUCCEEDED', 'one SUCCEEDED', 'one SUCCEEDED']);
});

test('what it is too late for is not done', async () => {
  const { timers, server, commands, executed, said } = aCommandDesk();
  server.answer = () => {
    throw new DeskError('API_001', 'It has expired.');
  };
  commands.hear(command('late'));
  await timers.advance(60_000);
  expect([executed, said()]).toEqual([[], ['late ACKNOWLEDGED']]);
});

test('what fails is said to have failed, and the next is done', async () => {
  const { timers, commands, said } = aCommandDesk();
  commands.hear(command('bad', 'EXPLODE'));
  commands.hear(command('good'));
  await timers.advance(0);
  expect(said()).toEqual(['bad ACKNOWLEDGED', 'bad FAILED', 'good ACKNOWLEDGED', 'good SUCCEEDED']);
});

test('after a restart what was waiting is done, what may have been done is not, and what was done is said', async () => {
  const { timers, commands, executed, said } = aCommandDesk([
    { command: command('told'), state: 'OVER', outcome: null },
    { command: command('begun'), state: 'BEGUN', outcome: null },
    { command: command('done'), state: 'DONE', outcome: { state: 'SUCCEEDED' } },
    { command: command('taken'), state: 'TAKEN', outcome: null },
  ]);
  commands.hurry();
  commands.hear(command('told'));
  await timers.advance(0);
  expect(executed).toEqual(['taken']);
  expect(said()).toEqual(['begun FAILED', 'done SUCCEEDED', 'taken ACKNOWLEDGED', 'taken SUCCEEDED']);
});

test('it is on record that a command was begun before it is done', async () => {
  const states: (string | undefined)[] = [];
  const commands = createCommandDesk({
    desk: scriptedDesk(),
    timers: manualTimers(),
    execute() {
      states.push('doing it');
      return { state: 'SUCCEEDED' };
    },
    tasks: [],
    async onTasks([task]) {
      states.push(task?.state);
    },
    onError: () => {},
  });
  commands.hear(command('one'));
  await manualTimers().advance(0);
  expect(states).toEqual(['TAKEN', 'BEGUN', 'doing it', 'DONE', 'OVER']);
});

test('of what is over the last hundred are known, and nothing that is not', async () => {
  const { timers, server, commands, kept } = aCommandDesk();
  for (let count = 0; count < 150; count += 1) commands.hear(command(`command-${count}`));
  await timers.advance(0);
  expect(kept()).toHaveLength(100);
  server.answer = unreachable;
  commands.hear(command('open'));
  await timers.advance(0);
  expect(kept().at(-1)).toMatchObject({ command: { id: 'open' }, state: 'TAKEN' });
});
