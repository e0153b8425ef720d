import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startRehearsal, wordsOf } from '../support/rehearsal.ts';

async function start(env: Readonly<Record<string, string>> = {}) {
  const { sandbox, ask, config } = await startRehearsal({ env: { MONITOR: 'on', ...env } });
  const chatOf = (key: string) => sandbox.conversations.personal(key);
  return {
    sandbox,
    config,
    chatOf,
    client: sandbox.client,
    say: async (key: string, words: string, place = chatOf(key)) =>
      wordsOf(await ask(sandbox.person(key), place, words)),
  };
}

test('doctor finds a rehearsal well for somebody signed in, and shows no secret and no whole id', async () => {
  const { say, sandbox, config } = await start();
  await say('ada', 'sign in');
  const words = await say('ada', 'doctor');
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  for (const well of [
    /✓ Registration with Teams/,
    /✓ Teams’ signing keys/,
    /✓ Your sign-in .*ada\.lindqvist@/,
    /✓ Consent .*covers/,
    /✓ Your Intune role .*shows you \d+ tokens/,
    /✓ Monitoring/,
    /✓ Clock/,
    /✓ Database .*00\d\d-/,
    /⚠\ufe0e Public address .*rehearsal/,
    new RegExp(`✓ Version VPP Sync ${version}`),
  ])
    assert.match(words, well);
  const { botId, clientId, clientSecret } = sandbox.registration();
  for (const secret of [clientSecret, config.bot.password, botId, clientId, ...config.allowedTenants]) {
    assert.ok(secret && !words.includes(secret));
  }
});

test('doctor explains how to sign in to somebody who is not, without asking', async () => {
  const { say } = await start({ MONITOR: 'off' });
  const words = await say('bruno', 'doctor');
  assert.match(words, /⚠\ufe0e Your sign-in You are not signed in.* Next step: {2}Say “sign in”/);
  assert.match(words, /2 of these are for the bot’s operator/);
  assert.doesNotMatch(words, /Monitoring/);
  assert.match(await say('ada', 'doctor'), /⚠\ufe0e Monitoring .*switched off/);
});

test('doctor finds missing consent, by what Entra said to the sign-in and by what the app’s own token lacks', async () => {
  const { say, sandbox } = await start();
  sandbox.entra.controls.setConsent(sandbox.person('ada').tenantId, false);
  await sandbox.client.say(sandbox.person('ada'), sandbox.conversations.personal('ada'), 'sign in');
  await sandbox.client.idle();
  const words = await say('ada', 'doctor');
  assert.match(words, /✕ Consent Microsoft Entra says that nobody has consented/);
  assert.match(words, /✕ Monitoring I have no read access/);
});

test('doctor decodes a wrong client secret and a missing role', async () => {
  const { say, sandbox } = await start();
  await say('dana', 'sign in');
  sandbox.entra.controls.rotateClientSecret();
  const words = await say('dana', 'doctor');
  assert.match(words, /✕ Your Intune role .*scope tags.*Next step: /);
  assert.match(
    await say('ada', 'doctor'),
    /✕ Monitoring .*secret or certificate.* Next step: {2}.*AAD_APP_CLIENT_SECRET/,
  );
});

test('whoami says who somebody is, until when, and what they can see; and asks nobody to sign in', async () => {
  const { say, sandbox, client } = await start();
  const before = await say('ada', 'who am i');
  assert.match(before, /In Teams Ada Lindqvist .*You’re not signed in/);
  await say('ada', 'sign in');
  const after = await say('ada', 'whoami');
  assert.match(after, /Signed in as ada\.lindqvist@contoso\.example\.com until \{\{DATE/);
  assert.match(after, /✓ You can see \d+ tokens/);
  assert.ok(after.includes(sandbox.person('ada').tenantId));
  await say('chen', '登录');
  assert.match(await say('chen', '我是谁'), /Teams 身份 陈语安 .*✓ 您可以看到 \d+ 个令牌/);
  await say('dana', 'sign in');
  assert.match(await say('dana', 'whoami'), /✕ .*Intune role/);
  assert.deepEqual(
    sandbox.graph.requests.filter(({ method }) => method === 'POST'),
    [],
  );
  client.setSso(sandbox.person('elif'), 'off');
  assert.match(await say('elif', 'whoami', sandbox.conversations.group), /You’re not signed in/);
});
