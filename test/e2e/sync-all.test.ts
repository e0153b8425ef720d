import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { SandboxPerson } from '../../sandbox/contract.ts';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import type { TeamsMessage } from '../../sandbox/teams/timeline.ts';
import { postsOf, tokenIdOf } from '../support/messages.ts';
import { buttonOn, type Rehearsal, startRehearsal, wordsOf } from '../support/rehearsal.ts';
import { isQuickTier } from '../support/tier.ts';
import { many } from './ada.ts';

const start = (env: Readonly<Record<string, string>> = {}) => startRehearsal({ env: { SYNC_COOLDOWN_S: '0', ...env } });

const unlessQuick = isQuickTier ? test.skip : test;

/** Presses a button and resolves with the short text that the presser was shown, if any. */
async function press(
  { sandbox }: Rehearsal,
  person: SandboxPerson,
  card: TeamsMessage,
  title: string,
  button = buttonOn(card, title),
): Promise<string | undefined> {
  const pressed = await sandbox.client.press(person, card.conversation, card.id, button);
  assert.equal(pressed.problem, undefined);
  return pressed.text;
}

const ended = ({ waitForWords }: Rehearsal, chat: TeamsConversation) => waitForWords(chat, /synced in/, 15_000);

suite('sync vpp all', many, () => {
  test('asks first, then syncs exactly the plan and reports all of it on the one card', async () => {
    const rehearsal = await start();
    const { sandbox, ask, answers } = rehearsal;
    const ada = sandbox.person('ada');
    const chat = sandbox.conversations.personal(ada);
    const plan = await ask(ada, chat, 'sync vpp all');
    const said = wordsOf(plan);
    assert.match(said, /Sync 12 of 16 tokens\?/);
    for (const reason of ['a sync is already running: 1', 'expired: 1', 'invalid: 1', 'in use by another MDM: 1'])
      assert.ok(said.includes(reason), `${reason} in ${said}`);
    assert.deepEqual(postsOf(rehearsal), []);

    const before = answers(chat).length;
    assert.equal(await press(rehearsal, ada, plan, 'Apply'), undefined);
    const receipt = await ended(rehearsal, chat);
    assert.equal(receipt.id, plan.id);
    assert.equal(answers(chat).length, before);
    assert.match(wordsOf(receipt), /All 12 tokens synced in .*Completed: 12/);
    const posts = postsOf(rehearsal);
    assert.equal(posts.length, 12);
    assert.equal(new Set(posts).size, 12);
    for (const post of posts) assert.ok(post.startsWith(ada.aadObjectId));
    assert.throws(() => buttonOn(receipt, 'Apply'));
  });

  test('one person’s plan is nobody else’s, and serves once', async () => {
    const rehearsal = await start();
    const { sandbox, ask } = rehearsal;
    const { group } = sandbox.conversations;
    const [ada, elif] = [sandbox.person('ada'), sandbox.person('elif')];
    const plan = await ask(ada, group, 'sync vpp all');
    const apply = buttonOn(plan, 'Apply');
    assert.match((await press(rehearsal, elif, plan, 'Apply')) ?? '', /Only the person who asked/);
    assert.match((await press(rehearsal, elif, plan, 'Cancel')) ?? '', /Only the person who asked/);
    await sandbox.client.say(elif, group, 'apply', { mention: true });
    await sandbox.client.refresh(ada, group, plan.id, apply);
    assert.deepEqual(postsOf(rehearsal), []);

    await press(rehearsal, ada, plan, 'Apply');
    await ended(rehearsal, group);
    assert.match((await press(rehearsal, ada, plan, 'Apply', apply)) ?? '', /already used/);
    assert.equal(postsOf(rehearsal).length, 12);
  });

  test('a plan that is no longer what would run starts nothing, and says what changed', async () => {
    const rehearsal = await start();
    const { sandbox, ask } = rehearsal;
    const { controls } = sandbox.graph;
    const ada = sandbox.person('ada');
    const chat = sandbox.conversations.personal(ada);
    const plan = await ask(ada, chat, 'sync vpp all');
    controls.deleteToken(tokenIdOf(rehearsal, 'Adatum'));
    controls.expireToken(tokenIdOf(rehearsal, 'Fabrikam Logistics'));
    controls.startSync(tokenIdOf(rehearsal, 'Adventure Works'));
    controls.setState(tokenIdOf(rehearsal, 'Litware'), 'valid');
    controls.setSyncDuration(300);
    await press(rehearsal, ada, plan, 'Apply');
    const anew = await rehearsal.waitForWords(chat, /Nothing was started/);
    assert.equal(anew.id, plan.id);
    for (const change of [
      'Adatum is no longer in Intune',
      'Fabrikam Logistics has expired',
      'Litware can also run now',
      'Sync 1',
    ])
      assert.ok(wordsOf(anew).includes(change), `${change} in ${wordsOf(anew)}`);
    assert.deepEqual(postsOf(rehearsal), []);
  });

  test('what fails is listed one by one, with its reason, and stops nothing else', async () => {
    const rehearsal = await start();
    const { sandbox, ask, answers, waitForWords } = rehearsal;
    const { controls } = sandbox.graph;
    const ada = sandbox.person('ada');
    const chat = sandbox.conversations.personal(ada);
    const plan = await ask(ada, chat, 'sync vpp all');
    for (const [organization, status] of [
      ['Adatum', 403],
      ['Proseware', 404],
    ] as const)
      controls.failNext(1, {
        method: 'POST',
        path: `${tokenIdOf(rehearsal, organization)}/syncLicenses`,
        fault: { kind: 'status', status },
      });
    await press(rehearsal, ada, plan, 'Apply');
    const card = await ended(rehearsal, chat);
    const receipt = wordsOf(card);
    assert.match(receipt, /10 of 12 tokens synced in .*Completed: 10.*Failed: 2/);
    assert.match(receipt, /Adatum:\s+Intune denied access: role, licence or scope tags/);
    assert.match(receipt, /Proseware:\s+no longer in Intune, or hidden from you/);

    const answersBefore = answers(chat).length;
    await press(rehearsal, ada, card, 'Retry failed');
    const retry = await waitForWords(chat, /Sync 2 of 2 tokens\?/);
    assert.equal(answers(chat).length, answersBefore + 1, 'beside the receipt, which stays');
    await press(rehearsal, ada, retry, 'Apply');
    await waitForWords(chat, /All 2 tokens synced/);
    await press(rehearsal, ada, card, 'List');
    await waitForWords(chat, /16 VPP tokens/);
  });

  test('a refusal that holds for all of them stops the rest and is explained', async () => {
    const rehearsal = await start();
    const { sandbox, ask } = rehearsal;
    const ada = sandbox.person('ada');
    const chat = sandbox.conversations.personal(ada);
    const plan = await ask(ada, chat, 'sync vpp all');
    sandbox.graph.controls.failNext(50, { method: 'POST', path: 'syncLicenses', fault: { kind: 'claimsChallenge' } });
    await press(rehearsal, ada, plan, 'Apply');
    const receipt = wordsOf(await ended(rehearsal, chat));
    assert.match(receipt, /0 of 12 tokens synced/);
    assert.match(receipt, /applies to all of them, so I didn’t request the rest.*Next step: .*Reference: /s);
    assert.ok(postsOf(rehearsal).length <= 4, String(postsOf(rehearsal).length));
  });

  test('Cancel, a typed answer and a new command each end the question', async () => {
    const rehearsal = await start();
    const { sandbox, ask, waitForWords } = rehearsal;
    const ada = sandbox.person('ada');
    const chat = sandbox.conversations.personal(ada);
    const cancelled = await ask(ada, chat, 'sync vpp all');
    await press(rehearsal, ada, cancelled, 'Cancel');
    await waitForWords(chat, /Cancelled\. Nothing was changed/);

    await ask(ada, chat, 'sync everything');
    assert.match(wordsOf(await ask(ada, chat, 'No.')), /Cancelled\. Nothing was changed/);
    assert.match(wordsOf(await ask(ada, chat, 'apply')), /don’t know that command/);

    const old = await ask(ada, chat, 'sync all');
    await ask(ada, chat, 'status vpp adatum');
    assert.match((await press(rehearsal, ada, old, 'Apply')) ?? '', /already used/);
    assert.deepEqual(postsOf(rehearsal), []);

    await ask(ada, chat, 'sync all');
    const progress = await ask(ada, chat, 'yes');
    assert.match(wordsOf(progress), /Sync of 12 tokens|12 tokens synced/);
    assert.equal((await ended(rehearsal, chat)).id, progress.id);
  });

  test('a plan with nothing to run asks nothing', async () => {
    const rehearsal = await start();
    const { sandbox, ask } = rehearsal;
    const ada = sandbox.person('ada');
    for (const { id } of sandbox.graph.listTokens(ada.tenantId)) sandbox.graph.controls.setState(id, 'invalid');
    const plan = await ask(ada, sandbox.conversations.personal(ada), 'sync vpp all');
    assert.match(wordsOf(plan), /None of 16 tokens can be synced now.*invalid: 16/s);
    assert.throws(() => buttonOn(plan, 'Apply'));
  });

  test('in Chinese, and only for what the person may see', async () => {
    const rehearsal = await start();
    const { sandbox, ask, waitForWords } = rehearsal;
    const chen = sandbox.person('chen');
    const chat = sandbox.conversations.personal(chen);
    const plan = await ask(chen, chat, '同步 全部');
    assert.match(wordsOf(plan), /同步 2 个令牌中的 2 个？/);
    await press(rehearsal, chen, plan, '执行');
    await waitForWords(chat, /2 个令牌全部同步完成/);
    assert.equal(postsOf(rehearsal).length, 2);
  });

  test('in a channel, after signing in there', async () => {
    const rehearsal = await start();
    const { sandbox, ask, waitForWords } = rehearsal;
    const ada = sandbox.person('ada');
    const { channel } = sandbox.conversations;
    const card = await ask(ada, channel, 'sync vpp all');
    await press(rehearsal, ada, card, 'Continue');
    const plan = await waitForWords(channel, /Sync 12 of 16 tokens\?/);
    await press(rehearsal, ada, plan, 'Apply');
    assert.equal((await ended(rehearsal, channel)).id, card.id);
  });

  unlessQuick(
    'as many tokens as a tenant may have: the press is answered in time, the start is paced, the card is small',
    async () => {
      const rehearsal = await start();
      const { sandbox, ask, answers } = rehearsal;
      const ada = sandbox.person('ada');
      const chat = sandbox.conversations.personal(ada);
      sandbox.graph.controls.setTokenCount(ada.tenantId, 3000);
      await ask(ada, chat, 'sign in');
      const plan = await ask(ada, chat, 'sync vpp all');
      assert.match(wordsOf(plan), /Sync 2,996 of 3,000 tokens\?.*and 2,984 more/s);
      const at = performance.now();
      await press(rehearsal, ada, plan, 'Apply');
      assert.ok(performance.now() - at < 5_000);
      await rehearsal.waitForWords(chat, /Sync of 2,996 tokens.*\d+ of 2,996 done.*Completed: [1-9]/s, 10_000);
      const { versions } = answers(chat).find(({ id }) => id === plan.id) ?? assert.fail();
      for (const { activity } of versions) assert.ok(JSON.stringify(activity).length < 25 * 1024);
      const posts = postsOf(rehearsal).length;
      const seconds = (performance.now() - at) / 1000;
      assert.ok(posts <= 10 + 2 * seconds + 4, `${posts} in ${seconds} s`);
    },
  );
});
