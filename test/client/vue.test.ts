import { afterEach, expect, test, vi } from 'vitest';
import { computed, createApp, createSSRApp, effectScope, h, nextTick, reactive, ref } from 'vue';
import { renderToString } from 'vue/server-renderer';
import type { FloorClient } from '../../src/client/floor-client.ts';
import {
  FLOOR_CLIENT,
  provideFloorClient,
  useBalance,
  useChannels,
  useFloorClient,
  useFloorConnection,
  useSubscription,
} from '../../src/client/vue.ts';
import { decodeIdOf } from '../../src/graphql/ids.ts';
import { aWallet } from '../support/money.ts';
import { aClientFloor, type Door, heard, upTo } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** The composables without a page: in scopes of effects, and rendered by a server. */
const { floor, proxy, client, raise } = await aClientFloor();
afterEach(() => proxy.block());

const DOORS = `subscription Doors($after: Cursor, $types: [MachineEventType!] = [SLOT_DOOR_OPENED]) {
  machineEvents(types: $types, after: $after) { exceptionCode cursor }
}`;

/** What a composable gives in a scope of its own, in an app that provides the client. */
function inScope<Given>(app: FloorClient, run: () => Given): { readonly given: Given; end(): void } {
  const scope = effectScope();
  const given = createApp({})
    .provide(FLOOR_CLIENT, app)
    .runWithContext(() => scope.run(run));
  return { given: given as Given, end: () => scope.stop() };
}

test('what a scope follows is shown as it happens, and over with the scope', async () => {
  const app = client();
  const after = await floor.cursor();
  const codes: number[] = [];
  const { given, end } = inScope(app, () => ({
    ...useSubscription<Door>(
      { query: DOORS, variables: { after, types: ['SLOT_DOOR_OPENED'] } },
      { onNext: ({ data }) => void codes.push(data?.machineEvents.exceptionCode ?? 0) },
    ),
    ...useFloorConnection(),
  }));
  expect([given.data.value, given.errors.value, given.error.value]).toEqual([null, [], null]);
  expect([given.isConnected.value, given.isOnline.value]).toEqual([false, true]);
  await raise(3);
  await heard(() => given.data.value?.machineEvents.exceptionCode === 3);
  expect(codes).toEqual(upTo(3));
  expect([given.isConnected.value, given.status.value]).toEqual([true, { state: 'connected' }]);
  end();
  await heard(() => app.status.state === 'idle');
  expect(given.status.value).toEqual({ state: 'connected' });
});

test('a scope that ends before anything was followed follows nothing', async () => {
  const app = client();
  const { end } = inScope(app, () => useSubscription({ query: DOORS, variables: { after: null } }));
  end();
  await nextTick();
  expect(app.status.state).toBe('idle');
});

test('another request begins anew, with nothing of the former shown, and none at all follows nothing', async () => {
  const app = client();
  const after = ref<string | null>(await floor.cursor());
  const request = computed(() => after.value && { query: DOORS, variables: { after: after.value } });
  const { given, end } = inScope(app, () => useSubscription<Door>(() => request.value || null));
  await raise(2);
  await heard(() => given.data.value?.machineEvents.exceptionCode === 2);
  after.value = await floor.cursor();
  expect(given.data.value).toBeNull();
  await raise(1, 7);
  await heard(() => given.data.value?.machineEvents.exceptionCode === 7);
  after.value = null;
  expect(given.data.value).toBeNull();
  await heard(() => app.status.state === 'idle');
  end();
});

test('variables that are changed where they are begin anew, and so they do when they are changed back', async () => {
  const app = client();
  const request = reactive({
    query: DOORS,
    variables: { after: await floor.cursor(), types: ['SLOT_DOOR_OPENED'] },
  });
  const { given, end } = inScope(app, () => useSubscription<Door>(request));
  await raise(1);
  await heard(() => given.data.value?.machineEvents.exceptionCode === 1);
  request.variables.types[0] = 'DROP_DOOR_OPENED';
  await nextTick();
  expect(given.data.value).toBeNull();
  request.variables.types[0] = 'SLOT_DOOR_OPENED';
  await heard(() => given.data.value?.machineEvents.exceptionCode === 1);
  proxy.cut('SOCKET');
  await raise(1, 2);
  await heard(() => given.data.value?.machineEvents.exceptionCode === 2);
  end();
});

test('what is refused is shown as its error', async () => {
  const { given, end } = inScope(client(), () => useChannels({ names: ['lunch'] }));
  await heard(() => given.error.value !== null);
  expect(given.error.value).toMatchObject({ code: 'WS_007' });
  end();
});

test('messages are heard in the scope, of the names of the moment', async () => {
  const app = client();
  const names = ref<string[] | null>(['lunch']);
  const words: unknown[] = [];
  const { given, end } = inScope(app, () => {
    const channels = useChannels(() => (names.value ? { names: names.value } : {}));
    channels.on('word', ({ data }) => void words.push(data));
    return channels;
  });
  await heard(() => given.error.value !== null);
  names.value = null;
  await heard(() => given.isConnected.value);
  expect(given.error.value).toBeNull();
  await heard(async () => (await given.send({ type: 'word', data: 'said' })) > 0);
  await heard(() => words.length > 0);
  expect(words[0]).toBe('said');
  end();
  await heard(() => app.status.state === 'idle');
});

test('a balance is that of the currency of the moment', async () => {
  const { data } = await floor.ask('{ viewer { user { id } } }', { as: 'PLAYER' });
  const userId = decodeIdOf('User', data.viewer.user.id);
  const { runWork } = floor.app().services;
  await aWallet(runWork, { venueId: floor.venueId, userId, balanceMinor: 1_250n });
  await aWallet(runWork, { venueId: floor.venueId, userId, currency: 'JPY', balanceMinor: 7n });
  const app = client({ token: () => floor.token('PLAYER') });
  const currency = ref('USD');
  const { given, end } = inScope(app, () => useBalance(() => ({ currency: currency.value })));
  expect([given.isLoading.value, given.balance.value]).toEqual([true, null]);
  await heard(() => given.balance.value?.amount === '12.50');
  await heard(() => given.isConnected.value);
  currency.value = 'JPY';
  expect([given.isLoading.value, given.balance.value]).toEqual([true, null]);
  await heard(() => given.balance.value?.amount === '7');
  given.updateToken();
  given.retry();
  expect([given.isLoading.value, given.error.value]).toEqual([false, null]);
  end();
  await heard(() => app.status.state === 'idle');
});

test('rendered on a server they follow nothing and ask nothing', async () => {
  const app = client();
  const begun = () => [proxy.begun('HTTP'), proxy.begun('SOCKET')];
  const before = begun();
  const Everything = {
    setup() {
      const { isConnected, status, isOnline } = useFloorConnection();
      const { data, error } = useSubscription({ query: DOORS, variables: { after: null } });
      const channels = useChannels();
      const { balance, isLoading } = useBalance();
      const isSame = useFloorClient() === app;
      return () =>
        JSON.stringify([
          isSame,
          [isConnected.value, status.value.state, isOnline.value],
          [data.value, error.value, channels.error.value],
          [balance.value, isLoading.value],
        ]);
    },
  };
  const Providing = {
    setup() {
      provideFloorClient(app);
      return () => h(Everything);
    },
  };
  const rendered = '[true,[false,"idle",true],[null,null,null],[null,true]]';
  expect((await renderToString(createSSRApp(Providing))).replaceAll('&quot;', '"')).toBe(rendered);
  await nextTick();
  expect([app.status.state, begun()]).toEqual(['idle', before]);
});

test('where nobody provides a client they say what is missing', () => {
  const app = createApp({});
  expect(() => app.runWithContext(() => useFloorClient())).toThrow('Nobody provides a FLOOR_CLIENT');
});
