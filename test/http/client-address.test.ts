import { expect, test } from 'vitest';
import { createFindClient } from '../../src/http/client-address.ts';
import { parseTrustedProxies, type TrustedProxies } from '../../src/http/trusted-proxies.ts';

const trusted = (text: string): TrustedProxies => {
  const proxies = parseTrustedProxies(text);
  if (!proxies) throw new Error(`nobody can be trusted by ${text}`);
  return proxies;
};

const NOBODY: TrustedProxies = { hops: 0 };

function find(
  proxies: TrustedProxies,
  { peer, forwardedFor, proto }: { peer?: string; forwardedFor?: string; proto?: string },
) {
  const headers = {
    ...(forwardedFor !== undefined && { 'x-forwarded-for': forwardedFor }),
    ...(proto !== undefined && { 'x-forwarded-proto': proto }),
  };
  return createFindClient(proxies)({ headers, socket: { remoteAddress: peer } });
}

test.each([
  ['nobody is trusted', NOBODY, '10.0.0.1', '203.0.113.9', '10.0.0.1'],
  ['the peer is none of them', trusted('10.0.0.2'), '10.0.0.1', '203.0.113.9', '10.0.0.1'],
  ['nothing is forwarded', trusted('10.0.0.1'), '10.0.0.1', undefined, '10.0.0.1'],
  ['one proxy', trusted('10.0.0.1'), '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['one hop', trusted('1'), '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  [
    'made up entries before a proxy’s',
    trusted('10.0.0.1'),
    '10.0.0.1',
    '1.1.1.1, 203.0.113.9',
    '203.0.113.9',
  ],
  ['a proxy’s address made up', trusted('10.0.0.1'), '10.0.0.1', '10.0.0.1,203.0.113.9', '203.0.113.9'],
  ['more entries than hops', trusted('1'), '10.0.0.1', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
  ['two hops', trusted('2'), '10.0.0.1', '1.1.1.1, 203.0.113.9, 10.9.9.9', '203.0.113.9'],
  ['fewer entries than hops', trusted('3'), '10.0.0.1', '203.0.113.9, 10.9.9.9', '203.0.113.9'],
  [
    'two networks',
    trusted('10.0.0.0/8 fd00::/8'),
    'fd00::7',
    '1.1.1.1, 203.0.113.9, 10.9.9.9',
    '203.0.113.9',
  ],
  ['proxies alone', trusted('10.0.0.0/8'), '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['junk', trusted('1'), '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
  ['junk after one good step', trusted('10.0.0.0/8'), '10.0.0.1', '203.0.113.9, x, 10.0.0.2', '10.0.0.2'],
  ['an empty entry', trusted('1'), '10.0.0.1', '203.0.113.9,', '10.0.0.1'],
  ['an empty header', trusted('1'), '10.0.0.1', '', '10.0.0.1'],
  ['a name', trusted('1'), '10.0.0.1', 'localhost', '10.0.0.1'],
  ['a port', trusted('1'), '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
  ['too long a port', trusted('1'), '10.0.0.1', '203.0.113.9:471147', '10.0.0.1'],
  ['IPv6', trusted('1'), '10.0.0.1', '2001:DB8::0:1', '2001:db8::1'],
  ['IPv6 in brackets', trusted('1'), '10.0.0.1', '[2001:db8::1]', '2001:db8::1'],
  ['IPv6 with a port', trusted('1'), '10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
  ['IPv4 in brackets', trusted('1'), '10.0.0.1', '[203.0.113.9]', '10.0.0.1'],
  ['IPv4 as IPv6', trusted('10.0.0.1'), '::ffff:10.0.0.1', '::ffff:cb00:7109', '203.0.113.9'],
  ['loopback, as one', trusted('loopback'), '::ffff:127.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['loopback, as the other', trusted('loopback'), '::1', '203.0.113.9', '203.0.113.9'],
  ['a proxy by IPv4 written as IPv6', trusted('::ffff:10.0.0.1'), '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['a zone', trusted('fe80::/10'), 'fe80::1%eth0', 'fe80::2%<script>, 203.0.113.9', '203.0.113.9'],
  ['a connection that is gone', trusted('1'), undefined, '203.0.113.9', null],
])('with %s the client is found', (_what, proxies, peer, forwardedFor, address) => {
  expect(
    find(proxies, { ...(peer && { peer }), ...(forwardedFor !== undefined && { forwardedFor }) }).address,
  ).toBe(address);
});

test.each([
  ['127.0.0.1', {}, { isHttps: false, isExposed: false }],
  ['::1', {}, { isHttps: false, isExposed: false }],
  ['127.0.0.1', { proto: 'https' }, { isHttps: false, isExposed: false }],
  ['203.0.113.9', {}, { isHttps: false, isExposed: true }],
  ['203.0.113.9', { proto: 'https' }, { isHttps: false, isExposed: true }],
  ['203.0.113.9', { proto: 'https', forwardedFor: '127.0.0.1' }, { isHttps: false, isExposed: true }],
])('from %s with %j, nobody trusted, it is %j', (peer, headers, expected) => {
  expect(find(NOBODY, { peer, ...headers })).toMatchObject(expected);
});

test.each([
  ['127.0.0.1', {}, { isHttps: false, isExposed: false }],
  ['127.0.0.1', { forwardedFor: '127.0.0.1' }, { isHttps: false, isExposed: false }],
  ['127.0.0.1', { forwardedFor: '203.0.113.9' }, { isHttps: false, isExposed: true }],
  ['127.0.0.1', { proto: 'http' }, { isHttps: false, isExposed: true }],
  ['127.0.0.1', { proto: 'https' }, { isHttps: true, isExposed: false }],
  ['10.0.0.1', { proto: 'HTTPS', forwardedFor: '203.0.113.9' }, { isHttps: true, isExposed: false }],
  ['10.0.0.1', { proto: 'wss', forwardedFor: '203.0.113.9' }, { isHttps: true, isExposed: false }],
  ['10.0.0.1', { proto: 'https, http' }, { isHttps: false, isExposed: true }],
  ['10.0.0.1', { proto: 'http, https' }, { isHttps: true, isExposed: false }],
  ['10.0.0.1', { proto: 'httpsx' }, { isHttps: false, isExposed: true }],
  ['10.0.0.1', { forwardedFor: '127.0.0.1' }, { isHttps: false, isExposed: true }],
])('from %s with %j, which is trusted, it is %j', (peer, headers, expected) => {
  expect(find(trusted('loopback 10.0.0.1'), { peer, ...headers })).toMatchObject(expected);
});
