import { expect, test } from 'vitest';
import { fits, isTimed, parsePortAddress, WAKEUP_MODES } from '../../../src/sas/host/wakeup-mode.ts';

test.each([
  ['/dev/ttyUSB0', { kind: 'DEVICE', path: '/dev/ttyUSB0' }],
  ['lines/line-a', { kind: 'DEVICE', path: 'lines/line-a' }],
  ['tcp://gateway.floor:4001', { kind: 'TCP', host: 'gateway.floor', port: 4001 }],
  ['tcp://[::1]:7', { kind: 'TCP', host: '::1', port: 7 }],
  ['tcp://gateway', null],
  ['tcp://gateway:0', null],
  ['tcp://gateway:65536', null],
  ['tcp://a b:1', null],
  ['', null],
])('the port %j is %j', (text, address) => {
  expect(parsePortAddress(text)).toEqual(address);
});

test('each way of the ninth bit goes where it can, and only parity takes its time', () => {
  const device = { kind: 'DEVICE', path: 'a' } as const;
  const tcp = { kind: 'TCP', host: 'a', port: 1 } as const;
  expect(WAKEUP_MODES.filter((mode) => fits(mode, device))).toEqual([
    'MARKED',
    'PLAIN',
    'PARITY',
    'EVEN_ODD',
  ]);
  expect(WAKEUP_MODES.filter((mode) => fits(mode, tcp))).toEqual(['MARKED', 'PLAIN', 'RFC2217']);
  expect(WAKEUP_MODES.filter(isTimed)).toEqual(['PARITY', 'EVEN_ODD', 'RFC2217']);
});
