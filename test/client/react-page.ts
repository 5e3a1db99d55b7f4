import { createElement, type ReactElement, StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createFloorClient } from '../../src/client/floor-client.ts';
import { FloorProvider, useChannels, useFloorConnection, useSubscription } from '../../src/client/react.ts';
import { codeOf, type Door, type HooksPage, requestOf, type Shown } from './hooks-page.ts';

export const told: HooksPage['told'] = { codes: [], lines: [], renders: 0 };

const text = (id: string, value: unknown) => createElement('output', { id }, String(value));

const button = (id: string, onClick: () => void) =>
  createElement('button', { id, type: 'button', onClick }, id);

function Connection(): ReactElement {
  const { isConnected, status, connect, disconnect } = useFloorConnection();
  return createElement(
    'p',
    null,
    text('connected', isConnected),
    text('state', status.state),
    button('connect', connect),
    button('disconnect', disconnect),
  );
}

function Doors({ doors }: Pick<Shown, 'doors'>): ReactElement {
  told.renders += 1;
  const { data, error } = useSubscription<Door>(requestOf(doors, told), {
    onNext: ({ data }) => void told.codes.push(data?.machineEvents.exceptionCode ?? 0),
  });
  return createElement(
    'p',
    null,
    text('door', data?.machineEvents.exceptionCode),
    text('ended', codeOf(error)),
  );
}

function Words({ names }: Required<Pick<Shown, 'names'>>): ReactElement {
  const { on, off, send, isConnected, error } = useChannels(names ? { names: [...names] } : {});
  const [words, setWords] = useState('');
  const [deaf, setDeaf] = useState(false);
  useEffect(() => {
    const listener = ({ data }: { readonly data: string }) => setWords((before) => `${before}${data}.`);
    if (!deaf) on<string>('word', listener);
    return () => off(listener);
  }, [on, off, deaf]);
  return createElement(
    'p',
    null,
    text('words', words),
    text('words-error', codeOf(error)),
    text('words-connected', isConnected),
    button('say', () => void send({ type: 'word', data: 'said' })),
    button('deafen', () => setDeaf(true)),
  );
}

let root: ReturnType<typeof createRoot> | null = null;
let client: ReturnType<typeof createFloorClient> | null = null;

export const open: HooksPage['open'] = ({ url, token }) => {
  const write = (line: string) => void told.lines.push(line);
  client = createFloorClient({ url, token: () => token, debug: write });
  root = createRoot(Reflect.get(globalThis, 'document').body);
};

export const show: HooksPage['show'] = ({ doors, names }) => {
  if (!client) throw new Error('The page is not open.');
  const words = names === undefined ? null : createElement(Words, { names });
  const children = [createElement(Connection), createElement(Doors, { doors }), words];
  root?.render(createElement(StrictMode, null, createElement(FloorProvider, { client }, ...children)));
};

export const leave: HooksPage['leave'] = () => root?.unmount();
