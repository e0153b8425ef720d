import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createToken } from '../../sandbox/seed/seed-token.ts';
import { buttonOn, startRehearsal, wordsOf } from '../support/rehearsal.ts';

const { sandbox, ask, answers, waitForWords } = await startRehearsal({
  env: { GRAPH_BETA: 'on', MONITOR: 'on', MONITOR_INTERVAL_S: '1' },
});
const { client, graph, conversations } = sandbox;
const ada = sandbox.person('ada');
const chat = conversations.personal(ada);
const { group } = conversations;
const [push] = graph.listConnectors(ada.tenantId, 'push');
assert.ok(push);
const depBerlin = 'c81d2e07-4b6a-4f19-9d53-7a0b1c2d3eff';
const posts = () => graph.requests.filter(({ method }) => method === 'POST');

test('“apple” lists connectors of all kinds, worst first; “list push” and “list ade” those of one', async () => {
  const shown = wordsOf(await ask(ada, chat, 'apple'));
  assert.match(shown, /^20 Apple connectors, worst first/);
  assert.match(shown, /Showroom kiosks ✕ Expired.*Enrolment token/s);
  assert.match(wordsOf(await ask(ada, chat, 'list ade')), /^3 enrolment tokens, worst first.*Office iPhones/s);
  assert.match(wordsOf(await ask(ada, chat, 'list push')), /^MDM push certificate.*45 days left/s);
  assert.match(wordsOf(await ask(ada, chat, '苹果')), /20 Apple connectors/);
});

test('a kind that is not set up, or that consent does not cover, is said on the card and stops nothing', async () => {
  graph.controls.coverConnector('push', false);
  const shown = wordsOf(await ask(ada, chat, 'apple'));
  graph.controls.coverConnector('push', true);
  assert.match(shown, /^19 Apple connectors/);
  assert.match(shown, /MDM push certificate: not covered by .* DeviceManagementServiceConfig\.Read\.All/);
  const signe = sandbox.person('signe');
  const school = wordsOf(await ask(signe, conversations.personal(signe), 'status push'));
  assert.equal(school, 'MDM push certificate: not set up in Intune.');
});

test('“status push” shows the certificate, with nothing to sync and no licences', async () => {
  const card = await ask(ada, chat, 'status push');
  assert.match(wordsOf(card), /^MDM push certificate .*mdm-push@contoso\.example\.com/s);
  assert.doesNotMatch(wordsOf(card), /Last sync|Sync now|Licences/);
  assert.match(wordsOf(await ask(ada, chat, 'sync push')), /nothing to sync/);
  assert.match(wordsOf(await ask(ada, chat, 'licenses push')), /has no licences/);
  assert.equal(posts().length, 0);
});

test('“renew push” says first that it takes the same Apple ID; the steps name it', async () => {
  const shown = wordsOf(await ask(ada, chat, 'renew push'));
  assert.match(shown, /Use the same Apple ID.*every Apple device must be enrolled again/);
  assert.match(shown, /as mdm-push@contoso\.example\.com, choose Renew/);
  assert.match(wordsOf(await ask(ada, chat, 'renew ade office')), /Renew Office iPhones.*Enrollment program tokens/s);
});

test('“sync ade” POSTs once as the person, is followed on its card to its end, and waits a quarter of an hour for the next', async () => {
  const asked = await ask(ada, chat, 'sync ade office');
  assert.match(wordsOf(asked), /^Office iPhones/);
  await client.waitFor(() => /Sync completed/.test(wordsOf(asked)), 15_000, 'the receipt');
  assert.deepEqual(
    posts().map(({ path, personOid }) => [path.split('/').at(-1), personOid]),
    [['syncWithAppleDeviceEnrollmentProgram', ada.aadObjectId]],
  );
  assert.doesNotMatch(wordsOf(asked), /icences/);
  assert.match(wordsOf(await ask(ada, chat, 'sync ade office')), /Office iPhones.*minutes/s);
  assert.equal(posts().length, 1);
});

test('a bare name means a VPP token; a connector of another kind is offered where none has it, and never run', async () => {
  const offered = await ask(ada, chat, 'sync warehouse scanners');
  assert.match(wordsOf(offered), /Warehouse scanners/);
  assert.equal(posts().length, 1);
  await client.press(ada, chat, offered.id, buttonOn(offered, 'Cancel'));
  assert.match(wordsOf(await ask(ada, chat, 'status warehouse 7')), /^Warehouse 7/);
});

test('an expired push certificate is an alert, is acknowledged, and resolved once it is renewed', async () => {
  const subscribed = wordsOf(await ask(ada, group, 'alerts on push'));
  assert.match(subscribed, /Tokens MDM push certificate Alerts for/);
  assert.doesNotMatch(subscribed, /1 token/);
  graph.controls.expireToken(push.id);
  const alert = await waitForWords(group, /MDM push certificate.*The certificate has expired/s);
  assert.doesNotMatch(wordsOf(alert), /m(?:dm-)?push@/);
  await client.press(ada, group, alert.id, buttonOn(alert, 'Acknowledge'));
  await client.waitFor(() => /Ada Lindqvist is on it/.test(wordsOf(alert)), 8_000, 'who took it');
  graph.controls.renewToken(push.id);
  await client.waitFor(() => /Resolved after/.test(wordsOf(alert)), 8_000, 'its end');
  assert.equal(answers(group).filter((each) => /has expired/.test(wordsOf(each))).length, 0);
});

test('a VPP token whose name begins with the words of another kind is offered, and never run on a guess', async () => {
  const named = { organizationName: 'DEP Berlin', appleId: 'dep-berlin@contoso.example.com' };
  graph.controls.addToken(createToken(Date.now(), { ...named, id: depBerlin, tenantId: ada.tenantId }));
  for (const asked of ['sync dep berlin', 'sync vpp "DEP Berlin"']) {
    const offered = await ask(ada, chat, asked);
    assert.match(wordsOf(offered), /DEP Berlin.*dep-berlin@contoso/s, asked);
    assert.equal(posts().length, 1);
    await client.press(ada, chat, offered.id, buttonOn(offered, 'Cancel'));
  }
  assert.match(wordsOf(await ask(ada, chat, `status ${depBerlin}`)), /^DEP Berlin/);
  assert.match(wordsOf(await ask(ada, chat, 'renew dep berlin')), /DEP Berlin/);
  assert.match(wordsOf(await ask(ada, chat, 'sync ade nowhere')), /Enrolment tokens: none is called “nowhere”/);
  assert.equal(posts().length, 1);
});
