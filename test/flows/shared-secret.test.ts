import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { connect } from '../support/socket-client.ts';
import { transportsTo } from '../support/transports.ts';

/** A server with JWT_ALGORITHM=HS256, beside one that signs with keys of its own. */
const SECRET = 'an0therSecretForTheTokensAlone!!';
const floor = await aFloorApp({ machines: 0, settings: { jwtSecrets: [SECRET] } });
const other = await aFloorApp({ machines: 0 });
const { http, socket } = transportsTo(floor);
const VIEWER = '{ viewer { roles } }';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The same claims under another header, signed with whatever is at hand. */
function forged(token: string, header: object, key: string): string {
  const body = `${encode(header)}.${token.split('.')[1]}`;
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}

async function expectRefused(at: typeof floor, token: string): Promise<void> {
  const { errors } = await transportsTo(at).http(VIEWER, { token });
  expect(errors[0].extensions.code).toBe('AUTH_003');
  const client = await connect({ port: Number(new URL(at.app().url).port) });
  client.send({ type: 'connection_init', payload: { accessToken: token } });
  expect(await client.closed()).toMatchObject({ code: 4403 });
}

test('tokens of the shared secret are taken over HTTP and over a socket, and no key is published', async () => {
  const token = await floor.token('OPERATOR');
  expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toEqual({
    alg: 'HS256',
    typ: 'at+jwt',
  });
  for (const ask of [http, socket])
    expect((await ask(VIEWER, { token })).data).toEqual({ viewer: { roles: ['OPERATOR'] } });
  const jwks = await fetch(`${floor.app().url}/.well-known/jwks.json`);
  expect(await jwks.json()).toEqual({ keys: [] });
});

test('neither server takes what the other signs, nor its own claims under the other algorithm', async () => {
  const [shared, own] = [await floor.token('OPERATOR'), await other.token('OPERATOR')];
  await expectRefused(other, shared);
  await expectRefused(floor, own);
  const jwks = await fetch(`${other.app().url}/.well-known/jwks.json`);
  const [{ x, kid }] = ((await jwks.json()) as { keys: [{ x: string; kid: string }] }).keys;
  await expectRefused(other, forged(own, { alg: 'HS256', typ: 'at+jwt', kid }, x));
  await expectRefused(floor, forged(shared, { alg: 'HS256', typ: 'at+jwt', kid }, SECRET));
  await expectRefused(floor, forged(shared, { alg: 'EdDSA', typ: 'at+jwt', kid }, SECRET));
  await expectRefused(floor, `${encode({ alg: 'none', typ: 'at+jwt' })}.${shared.split('.')[1]}.`);
});
