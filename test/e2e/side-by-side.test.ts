import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onBehalfOfGrant } from '../../sandbox/entra/token-endpoint.ts';
import { startRehearsal, wordsOf } from '../support/rehearsal.ts';

test('people of two tenants work side by side, each with their own tenant’s tokens and sign-in', async () => {
  const { sandbox, ask, waitForWords } = await startRehearsal({ env: { SYNC_COOLDOWN_S: '0' } });
  const [ada, signe] = [sandbox.person('ada'), sandbox.person('signe')];
  const [adas, signes] = [sandbox.conversations.personal(ada), sandbox.conversations.personal(signe)];

  const [company, school] = await Promise.all([ask(ada, adas, 'list vpp'), ask(signe, signes, 'list vpp')]);
  assert.match(wordsOf(company), /16 VPP tokens/);
  assert.match(wordsOf(school), /5 VPP tokens/);
  assert.doesNotMatch(wordsOf(school), /Contoso|Adatum/);

  await Promise.all([ask(ada, adas, 'sync vpp adatum'), ask(signe, signes, 'sync vpp adatum')]);
  await waitForWords(adas, /Sync completed in/);
  assert.match(wordsOf(await ask(signe, signes, 'status adatum')), /No token you can see/);
  assert.match(wordsOf(await ask(signe, signes, 'history')), /Nobody has asked me/);

  const exchanges = sandbox.entra.requests.filter(({ grant }) => grant === onBehalfOfGrant);
  assert.deepEqual(new Set(exchanges.map(({ tenantId }) => tenantId)), new Set([ada.tenantId, signe.tenantId]));
});

test('an old message that is edited into a command does nothing', async () => {
  const { sandbox, ask, answers } = await startRehearsal();
  const ada = sandbox.person('ada');
  const chat = sandbox.conversations.personal(ada);
  await ask(ada, chat, 'status adatum');
  const typed = sandbox.client.messages(chat).find(({ author }) => author !== 'bot');
  const before = answers(chat).length;
  const { status } = await sandbox.client.edit(ada, chat, typed?.id ?? '', 'sync vpp adatum');
  assert.equal(status, 200);
  await ask(ada, chat, 'help');
  assert.equal(answers(chat).length, before + 1);
  assert.equal(sandbox.graph.requests.filter(({ method }) => method === 'POST').length, 0);
});

test('two people who sign in at once in one group chat are both answered, each as themselves', async () => {
  const { sandbox, waitForWords } = await startRehearsal({ env: { SYNC_COOLDOWN_S: '0' } });
  const { group } = sandbox.conversations;
  const [ada, elif] = [sandbox.person('ada'), sandbox.person('elif')];
  await Promise.all([
    sandbox.client.say(ada, group, 'sync vpp adatum', { mention: true }),
    sandbox.client.say(elif, group, 'sync vpp fabrikam', { mention: true }),
  ]);
  await waitForWords(group, /Adatum.*Sync completed in.*Asked by Ada Lindqvist/);
  await waitForWords(group, /Fabrikam.*Sync completed in.*Asked by Elif Karaduman/);
  const posted = sandbox.graph.requests.filter(({ method }) => method === 'POST').map(({ personOid }) => personOid);
  assert.deepEqual(posted.toSorted(), [ada.aadObjectId, elif.aadObjectId].toSorted());
});
