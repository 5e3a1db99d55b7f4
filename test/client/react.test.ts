import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import {
  FloorProvider,
  useBalance,
  useChannels,
  useFloorClient,
  useFloorConnection,
  useSubscription,
} from '../../src/client/react.ts';
import { aClientFloor, DOORS } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** The hooks without a page: rendered by a server. */
const { proxy, client } = await aClientFloor();

function Everything() {
  const app = useFloorClient();
  const { isConnected, isOnline } = useFloorConnection();
  const { data, error } = useSubscription({ query: DOORS, variables: { after: null } });
  const channels = useChannels();
  const { balance, isLoading } = useBalance();
  return JSON.stringify([
    app.status.state,
    [isConnected, isOnline],
    [data, error, channels.error],
    [balance, isLoading],
  ]);
}

test('rendered on a server they follow nothing and ask nothing', () => {
  const app = client();
  const begun = () => [proxy.begun('HTTP'), proxy.begun('SOCKET')];
  const before = begun();
  const rendered = renderToString(createElement(FloorProvider, { client: app }, createElement(Everything)));
  expect(rendered.replaceAll('&quot;', '"')).toBe('["idle",[false,true],[null,null,null],[null,true]]');
  expect([app.status.state, begun()]).toEqual(['idle', before]);
});

test('outside of a provider they say what is missing', () => {
  expect(() => renderToString(createElement(Everything))).toThrow('There is no FloorProvider');
});
