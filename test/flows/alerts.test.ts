import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import type { Role } from '../../src/lib/actor.ts';
import { aFloorApp } from '../support/app.ts';
import { anApiKey } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { scrape } from '../support/metrics.ts';

/** What a venue has watched, and who is told of it. */

const floor = await aFloorApp({ machines: 2 });
await floor.online();
const { venueId } = floor;

const SAVE = `mutation ($input: SaveAlertRuleInput!) { saveAlertRule(input: $input) { __typename
  ... on SaveAlertRuleSuccess { success message rule { id version enabled for resolveAfter window severity } }
  ... on Error { code message } ... on VersionConflictError { currentVersion } } }`;
const DELETE = `mutation ($input: DeleteAlertRuleInput!) { deleteAlertRule(input: $input) { __typename
  ... on DeleteAlertRuleSuccess { rule { id } } ... on Error { code } } }`;
const ACKNOWLEDGE = `mutation ($input: AcknowledgeAlertInput!) { acknowledgeAlert(input: $input) { __typename
  ... on AcknowledgeAlertSuccess { alert { id acknowledgedAt acknowledgedBy { kind id } } } ... on Error { code } } }`;
const ALERT = `id name metric threshold severity state value firedAt resolvedAt resolution resolvedValue
  acknowledgedAt acknowledgedBy { kind id } rule { id }`;
const LIST = `query ($state: AlertState, $alertRuleId: ID, $from: DateTime, $to: DateTime, $first: Int, $after: String) {
  alerts(state: $state, alertRuleId: $alertRuleId, from: $from, to: $to, first: $first, after: $after) {
    cursor totalCount pageInfo { hasNextPage endCursor } nodes { ${ALERT} } } }`;
const FOLLOW = `subscription ($severities: [AlertSeverity!], $after: Cursor) {
  alerts(severities: $severities, after: $after) { __typename
    ... on AlertFired { cursor timestamp alert { ${ALERT} } }
    ... on AlertAcknowledged { cursor timestamp alert { ${ALERT} } }
    ... on AlertResolved { cursor timestamp alert { ${ALERT} } } } }`;
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { __typename ... on Error { code } } }';

interface Frame {
  readonly alerts: {
    readonly __typename: string;
    readonly cursor: string;
    readonly alert: { readonly [field: string]: unknown; readonly id: string };
  };
}

const save = async (input: object, as: Role = 'OPERATOR') =>
  (await floor.ask(SAVE, { as, variables: { input } })).data.saveAlertRule;
const list = async (variables: Record<string, unknown> = {}) =>
  (await floor.ask(LIST, { variables })).data.alerts;
const guess = (identifier: string) =>
  floor.ask(LOGIN, { as: null, variables: { input: { identifier, password: 'a wrong guess' } } });

test('a burst of failed sign-ins is an alert at once, and people are told', async () => {
  const { cursor: after } = await list();
  const { rule } = await save({
    name: 'Somebody guesses',
    metric: 'FAILED_SIGN_INS',
    comparison: 'ABOVE',
    threshold: 3,
    severity: 'CRITICAL',
  });
  expect(rule).toMatchObject({ enabled: true, for: 'PT0S', resolveAfter: 'PT1M', window: 'PT5M' });
  const frames = floor.follow<Frame>(FOLLOW, { as: 'AUDITOR', variables: { after } });
  const [own, others] = [await guess('player'), [await guess('operator'), await guess('nobody at all')]];
  for (const answer of [own, ...others]) expect(answer.data.login.code).toBe('AUTH_001');
  await guess('player');
  const { alerts: fired } = await frames.next();
  expect(fired).toMatchObject({
    __typename: 'AlertFired',
    alert: {
      name: 'Somebody guesses',
      value: 4,
      severity: 'CRITICAL',
      state: 'FIRING',
      rule: { id: rule.id },
    },
  });
  expect((await list({ state: 'FIRING' })).nodes).toMatchObject([{ id: fired.alert.id }]);
  await eventually(async () => {
    const { data } = await floor.ask('{ notifications(types: [ALERT]) { nodes { severity message data } } }');
    expect(data.notifications.nodes).toMatchObject([
      { severity: 'CRITICAL', message: 'Somebody guesses: 4 sign-ins failed, above 3.' },
    ]);
    return expect(data.notifications.nodes[0].data).toMatchObject({
      alertId: fired.alert.id,
      status: 'FIRING',
    });
  });
  expect((await scrape(floor.app().url)).value('floorwire_alerts_open{severity="CRITICAL"}')).toBe(1);
  await guess('player');

  const acknowledge = () =>
    floor.ask(ACKNOWLEDGE, { as: 'ADMIN', variables: { input: { alertId: fired.alert.id } } });
  const { data: first } = await acknowledge();
  expect(first.acknowledgeAlert.alert.acknowledgedBy.kind).toBe('USER');
  const { data: again } = await acknowledge();
  expect(again).toEqual(first);
  // Whatever was guessed besides, the next is that somebody sees to it.
  expect((await frames.next()).alerts).toMatchObject({
    __typename: 'AlertAcknowledged',
    alert: { id: fired.alert.id, acknowledgedBy: first.acknowledgeAlert.alert.acknowledgedBy },
  });
  await save({ alertRuleId: rule.id, expectedVersion: 1, enabled: false });
  expect((await frames.next()).alerts).toMatchObject({
    __typename: 'AlertResolved',
    alert: { state: 'RESOLVED', resolution: 'RULE_DISABLED', resolvedValue: null },
  });
  await frames.end();
  expect((await scrape(floor.app().url)).value('floorwire_alerts_open{severity="CRITICAL"}')).toBe(0);
});

test('machines that go and come again are one alert and its end, which a reader finds again by its cursor', async () => {
  const { cursor } = await list();
  const { rule } = await save({
    name: 'Machines',
    metric: 'MACHINES_OFFLINE',
    comparison: 'ABOVE',
    threshold: 1,
    resolveAfter: 'PT0S',
  });
  const follow = (after: string, severities?: readonly string[]) =>
    floor.follow<Frame>(FOLLOW, { variables: { after, severities } });
  const frames = follow(cursor);
  floor.disturb(() => []);
  const { alerts: fired } = await frames.next();
  expect(fired).toMatchObject({ __typename: 'AlertFired', alert: { name: 'Machines', value: 2 } });
  await frames.end();
  // What goes on goes on: another process finds it as it was left.
  await floor.restart();
  floor.disturb(null);
  await floor.online();
  const resumed = follow(fired.cursor);
  const { alerts: resolved } = await resumed.next();
  expect(resolved).toMatchObject({
    __typename: 'AlertResolved',
    alert: { id: fired.alert.id, resolution: 'RECOVERED', rule: { id: rule.id } },
  });
  expect(resolved.alert.resolvedValue).toBeLessThan(2);
  await resumed.end();
  await eventually(async () => {
    const { data } = await floor.ask(
      '{ notifications(types: [ALERT], first: 1) { nodes { severity message } } }',
    );
    return expect(data.notifications.nodes).toEqual([
      { severity: 'SUCCESS', message: 'Machines: it is over.' },
    ]);
  });
  const replayed = follow(cursor);
  // As it was then, and not as it is now.
  expect((await replayed.next()).alerts).toMatchObject({
    __typename: 'AlertFired',
    alert: { id: fired.alert.id, state: 'FIRING' },
  });
  expect((await replayed.next()).alerts).toMatchObject({
    __typename: 'AlertResolved',
    alert: { id: fired.alert.id },
  });
  await replayed.end();
  expect(await list({ alertRuleId: rule.id })).toMatchObject({
    totalCount: 1,
    nodes: [{ id: fired.alert.id, state: 'RESOLVED' }],
  });
  const ended = await floor.ask(DELETE, {
    variables: { input: { alertRuleId: rule.id, expectedVersion: 1 } },
  });
  expect(ended.data.deleteAlertRule).toMatchObject({ rule: { id: rule.id } });
  const gone = await floor.ask(LIST, { variables: { alertRuleId: rule.id } });
  expect(gone.errors?.[0]?.extensions.code).toBe('API_002');
  expect((await list({ state: 'RESOLVED', first: 1 })).nodes).toMatchObject([
    { id: fired.alert.id, rule: null },
  ]);
});

test('only alerts that are as grave as asked for are told', async () => {
  const { cursor: after } = await list();
  const grave = floor.follow<Frame>(FOLLOW, { variables: { after, severities: ['CRITICAL'] } });
  const always = { metric: 'MACHINES_OFFLINE', comparison: 'BELOW', threshold: 100 };
  await save({ ...always, name: 'Light', severity: 'INFO' });
  await eventually(async () => expect((await list({ state: 'FIRING' })).totalCount).toBe(1));
  await save({ ...always, name: 'Grave', severity: 'CRITICAL' });
  expect((await grave.next()).alerts.alert).toMatchObject({ name: 'Grave' });
  await grave.end();
});

test('a rule that another has changed is not overwritten', async () => {
  const { rule } = await save({ name: 'A', metric: 'HANDPAYS_WAITING', comparison: 'ABOVE', threshold: 9 });
  const change = (expectedVersion: number | null, as: Role = 'ADMIN') =>
    save({ alertRuleId: rule.id, expectedVersion, threshold: 8 }, as);
  expect(await change(1)).toMatchObject({ rule: { version: 2 } });
  expect(await change(1)).toMatchObject({ __typename: 'VersionConflictError', currentVersion: 2 });
  expect(await change(null)).toMatchObject({ __typename: 'ValidationError' });
  expect(await save({ name: 'B', metric: 'HANDPAYS_WAITING' })).toMatchObject({ code: 'API_001' });
  const nowhere = {
    name: 'C',
    metric: 'PARKING_OCCUPANCY_PERCENT',
    comparison: 'ABOVE',
    threshold: 9,
    lotId: '',
  };
  expect((await floor.ask(SAVE, { variables: { input: nowhere } })).errors?.[0]?.extensions.code).toMatch(
    /^API_/,
  );
  const elsewhere = {
    as: 'FOREIGN_ADMIN',
    variables: { input: { alertRuleId: rule.id, expectedVersion: 2 } },
  } as const;
  expect((await floor.ask(SAVE, elsewhere)).data.saveAlertRule).toMatchObject({ code: 'API_002' });
  expect((await floor.ask(DELETE, elsewhere)).data.deleteAlertRule).toMatchObject({ code: 'API_002' });
});

test('alerts are listed of a time, its end left out', async () => {
  const { nodes } = await list();
  const firedAt: readonly string[] = nodes.map((alert: { firedAt: string }) => alert.firedAt);
  const [newest = '', at = newest] = [...new Set(firedAt)];
  expect(at).not.toBe(newest);
  const during = async (variables: { from?: string; to?: string }) => {
    const found = await list(variables);
    expect(found.totalCount).toBe(found.nodes.length);
    return found.nodes;
  };
  expect(await during({ from: at })).toEqual(
    nodes.filter((_: unknown, place: number) => (firedAt[place] ?? '') >= at),
  );
  expect(await during({ to: at })).toEqual(
    nodes.filter((_: unknown, place: number) => (firedAt[place] ?? '') < at),
  );
  expect((await during({ from: at, to: newest })).length).toBe(firedAt.filter((each) => each === at).length);
});

test('a partner sees and follows alerts by the scopes of its key', async () => {
  const { runWork } = floor.app().services;
  const { ask } = httpClient(floor.app().url);
  const eventTypes = ['alert.fired', 'alert.acknowledged'];
  const keyOf = async (scopes: readonly ('ALERTS_READ' | 'ALERTS_WRITE')[]) =>
    (await anApiKey(runWork, { venueId, scopes, ...(scopes.includes('ALERTS_READ') && { eventTypes }) }))
      .secret;
  const reads = { authorization: `Bearer ${await keyOf(['ALERTS_READ'])}` };
  const writes = { authorization: `Bearer ${await keyOf(['ALERTS_READ', 'ALERTS_WRITE'])}` };
  const { alerts } = (await ask('{ alerts(state: FIRING, first: 1) { nodes { id } } }', reads)).body.data;
  const [{ id }] = alerts.nodes;
  const acknowledge = `mutation { acknowledgeAlert(input: { alertId: "${id}" }) {
    ... on AcknowledgeAlertSuccess { alert { acknowledgedBy { kind } } } } }`;
  expect((await ask(acknowledge, reads)).body.errors[0].extensions.code).toBe('AUTH_004');
  expect((await ask(acknowledge, writes)).body.data.acknowledgeAlert.alert.acknowledgedBy.kind).toBe(
    'PARTNER',
  );
  await eventually(async () => {
    const log = '{ events(types: ["alert.acknowledged"], last: 1) { nodes { type payload } } }';
    const [event] = (await ask(log, reads)).body.data.events.nodes;
    expect(event.payload.alertId).toBe(id);
    const by = Buffer.from(event.payload.acknowledgedBy.id, 'base64url').toString();
    return expect(by).toMatch(/^ApiKey:/);
  });
});

test('whose right to see them is taken hears of no more', async () => {
  const { cursor: after } = await list();
  const frames = floor.follow<Frame>(FOLLOW, { as: 'OPERATOR_WITH_GRANTS', variables: { after } });
  const always = { metric: 'MACHINES_OFFLINE', comparison: 'BELOW', threshold: 1_000 };
  await save({ ...always, name: 'First' });
  await frames.next();
  const { data } = await floor.ask('{ viewer { user { id } } }', { as: 'OPERATOR_WITH_GRANTS' });
  const demote = `mutation { setUserRoles(input: { userId: "${data.viewer.user.id}", roles: [PLAYER] }) { __typename } }`;
  expect((await floor.ask(demote, { as: 'ADMIN' })).errors).toBeUndefined();
  await save({ ...always, name: 'Second' });
  await expect(frames.next()).rejects.toThrow();
});

test('a node of another venue is not there', async () => {
  const [{ id }] = (await list({ first: 1 })).nodes;
  const node = `{ node(id: "${id}") { __typename } }`;
  expect((await floor.ask(node)).data.node).toEqual({ __typename: 'Alert' });
  expect((await floor.ask(node, { as: 'FOREIGN_ADMIN' })).data.node).toBeNull();
  expect((await floor.ask(node, { as: 'PLAYER' })).data.node).toBeNull();
  const foreign = encodeGlobalId('AlertRule', '00000000-0000-7000-8000-000000000000');
  expect((await floor.ask(`{ node(id: "${foreign}") { __typename } }`)).data.node).toBeNull();
});
