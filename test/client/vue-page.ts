import { type App, createApp, defineComponent, h, ref, shallowRef } from 'vue';
import { createFloorClient } from '../../src/client/floor-client.ts';
import { FLOOR_CLIENT, useChannels, useFloorConnection, useSubscription } from '../../src/client/vue.ts';
import { codeOf, type Door, type HooksPage, requestOf, type Shown } from './hooks-page.ts';

export const told: HooksPage['told'] = { codes: [], lines: [], renders: 0 };

const shown = shallowRef<Shown>({ doors: null });

const text = (id: string, value: unknown) => h('output', { id }, String(value));

const button = (id: string, onClick: () => void) => h('button', { id, type: 'button', onClick }, id);

const Connection = defineComponent(() => {
  const { isConnected, status, connect, disconnect } = useFloorConnection();
  return () =>
    h('p', [
      text('connected', isConnected.value),
      text('state', status.value.state),
      button('connect', connect),
      button('disconnect', disconnect),
    ]);
});

const Doors = defineComponent(() => {
  const { data, error } = useSubscription<Door>(() => requestOf(shown.value.doors, told), {
    onNext: ({ data }) => void told.codes.push(data?.machineEvents.exceptionCode ?? 0),
  });
  return () => {
    told.renders += 1;
    return h('p', [
      text('door', data.value?.machineEvents.exceptionCode),
      text('ended', codeOf(error.value)),
      // What it shows without is the same whatever it is given: nothing would be rendered again.
      h('data', { value: shown.value.doors?.query }),
    ]);
  };
});

const Words = defineComponent(() => {
  const { on, off, send, isConnected, error } = useChannels(() => {
    const { names } = shown.value;
    return names ? { names } : {};
  });
  const words = ref('');
  const listener = ({ data }: { readonly data: string }) => {
    words.value += `${data}.`;
  };
  on<string>('word', listener);
  return () =>
    h('p', [
      text('words', words.value),
      text('words-error', codeOf(error.value)),
      text('words-connected', isConnected.value),
      button('say', () => void send({ type: 'word', data: 'said' })),
      button('deafen', () => off(listener)),
    ]);
});

const Page = defineComponent(
  () => () => h('main', [h(Connection), h(Doors), shown.value.names === undefined ? null : h(Words)]),
);

let app: App | null = null;

export const open: HooksPage['open'] = ({ url, token }) => {
  const write = (line: string) => void told.lines.push(line);
  app = createApp(Page).provide(FLOOR_CLIENT, createFloorClient({ url, token: () => token, debug: write }));
  app.mount(Reflect.get(globalThis, 'document').body);
};

export const show: HooksPage['show'] = (next) => {
  shown.value = next;
};

export const leave: HooksPage['leave'] = () => app?.unmount();
