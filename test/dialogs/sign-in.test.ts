import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { explainSilentFailure, signInExpiresMs } from '../../src/dialogs/sign-in.ts';
import { assertionOf, startDialogs, wordsOf } from '../support/dialogs-rig.ts';
import { conversationOf, personOf, turnOf } from '../support/turns.ts';

suite('sign in', () => {
  const ada = personOf('ada');
  const elif = personOf('elif');
  const turn = turnOf();
  const group = turnOf({ conversation: conversationOf('groupChat') });

  type Rig = Awaited<ReturnType<typeof startDialogs>>;

  async function ask(rig: Rig, at = turn, text = 'sync adatum') {
    const reply = await rig.message(at, text);
    assert.ok(reply.kind === 'signIn');
    return reply.requestId;
  }

  test('an assertion of its owner takes the request, once, however many clients answer', async (t) => {
    const rig = await startDialogs(t);
    const id = await ask(rig);
    const outcomes = await Promise.all([1, 2, 3].map(() => rig.signIn.answerWithAssertion(turn, id, assertionOf(ada))));
    assert.deepEqual(outcomes.map(({ kind }) => kind).sort(), ['ignored', 'ignored', 'signedIn']);
    assert.equal((await rig.signIn.answerWithAssertion(turn, id, assertionOf(ada))).kind, 'ignored');
  });

  test('anybody else’s answer, in another conversation, late or for an unknown request is ignored and exchanged for nothing', async (t) => {
    const rig = await startDialogs(t);
    const id = await ask(rig, group);
    const answer = (at: typeof turn, requestId: string, given: string) =>
      rig.signIn.answerWithAssertion(at, requestId, given).then(({ kind }) => kind);
    assert.equal(await answer({ ...group, person: elif }, id, assertionOf(elif)), 'ignored');
    assert.equal(await answer({ ...group, person: elif }, id, assertionOf(ada)), 'ignored');
    assert.equal(await answer({ ...group, person: { ...ada, tenantId: 'another' } }, id, assertionOf(ada)), 'ignored');
    assert.equal(await answer(turn, id, assertionOf(ada)), 'ignored');
    assert.equal(await answer(group, 'made-up', assertionOf(ada)), 'ignored');
    rig.clock.now += signInExpiresMs;
    assert.equal(await answer(group, id, assertionOf(ada)), 'ignored');
    assert.deepEqual(rig.exchanged, []);
  });

  test('an assertion that is somebody else’s leaves the request open for its owner’s own', async (t) => {
    const rig = await startDialogs(t);
    const id = await ask(rig);
    const outcome = await rig.signIn.answerWithAssertion(turn, id, assertionOf(elif));
    assert.ok(outcome.kind === 'signInAgain');
    assert.match(outcome.text, /Sign in with the account you use in Teams/);
    assert.equal((await rig.signIn.answerWithAssertion(turn, id, assertionOf(ada))).kind, 'signedIn');
  });

  test('missing consent is reported once, whichever of the person’s clients answer and how often', async (t) => {
    const rig = await startDialogs(t);
    const id = await ask(rig);
    rig.failures.set(assertionOf(ada), { reason: 'consentRequired', code: '65001' });
    const answer = () => rig.signIn.answerWithAssertion(turn, id, assertionOf(ada));
    const outcomes = [...(await Promise.all([answer(), answer(), answer()])), await answer()];
    assert.deepEqual(
      outcomes.map((outcome) => [outcome.kind, 'reply' in outcome]),
      [
        ['signInAgain', true],
        ['ignored', false],
        ['ignored', false],
        ['signInAgain', false],
      ],
    );
  });

  for (const [reason, words] of [
    ['tenantNotAllowed', /not set up for this bot/],
    ['wrongClientSecret', /Entra rejected the bot’s own credentials/],
    ['throttled', /too busy/],
    ['unavailable', /didn’t answer/],
    ['refused', /refused to sign you in.*50105/s],
  ] as const) {
    test(`when signing in again cannot help (${reason}) the person is notified once, and the command is dropped`, async (t) => {
      const rig = await startDialogs(t);
      const id = await ask(rig);
      rig.failures.set(assertionOf(ada), { reason, tenantId: 'x', code: '50105' } as never);
      const outcomes = await Promise.all([1, 2].map(() => rig.signIn.answerWithAssertion(turn, id, assertionOf(ada))));
      const refused = outcomes.find(({ kind }) => kind === 'refused');
      assert.ok(refused?.kind === 'refused');
      assert.match(wordsOf(refused.reply), words);
      assert.equal(outcomes.filter(({ kind }) => kind === 'ignored').length, 1);
      assert.ok(rig.lines.some(({ fields }) => (fields as { reason?: string }).reason === reason));
    });
  }

  test('a step-up’s claims are kept unchanged, and the command goes on after it', async (t) => {
    const rig = await startDialogs(t);
    const id = await ask(rig);
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    rig.failures.set(assertionOf(ada), { reason: 'stepUpRequired', claims, code: '50076' });
    const outcome = await rig.signIn.answerWithAssertion(turn, id, assertionOf(ada));
    assert.ok(outcome.kind === 'signInAgain' && outcome.reply?.kind === 'signIn');
    assert.deepEqual([outcome.reply.requestId, outcome.reply.how], [id, 'button']);
    const request = (await rig.requests.find(id)) ?? assert.fail();
    assert.deepEqual([request.purpose, request.claims], ['stepUp', claims]);
    rig.failures.clear();
    const signedIn = await rig.signIn.answerWithCode(turn, await rig.codes.issue(assertionOf(ada), request));
    await rig.replyToSignIn(turn, signedIn);
    assert.deepEqual(rig.posts, ['Ada Lindqvist: token-1']);
  });

  test('an assertion that was too old brings one new request, and no second', async (t) => {
    const rig = await startDialogs(t);
    const id = await ask(rig);
    rig.failures.set(assertionOf(ada), { reason: 'assertionExpired' });
    const anew = await rig.signIn.answerWithAssertion(turn, id, assertionOf(ada));
    assert.ok(anew.kind === 'replaced' && anew.reply.kind === 'signIn' && anew.request.id !== id);
    assert.equal((await rig.signIn.answerWithAssertion(turn, id, assertionOf(ada))).kind, 'ignored');
    assert.equal((await rig.signIn.answerWithAssertion(turn, anew.request.id, assertionOf(ada))).kind, 'refused');
    assert.deepEqual(rig.posts, []);
  });

  test('a sign-in resumes its own command and no other, with the words it was asked in', async (t) => {
    const rig = await startDialogs(t);
    const sync = await ask(rig, group, 'sync adatum');
    const status = await ask(rig, turn, 'status adatum');
    const outcome = await rig.signIn.answerWithAssertion({ ...turn, locale: 'zh-CN' }, status, assertionOf(ada));
    const reply = await rig.replyToSignIn(turn, outcome);
    assert.match(wordsOf(reply), / days left/);
    assert.deepEqual(rig.posts, []);
    assert.equal((await rig.requests.find(sync))?.usedAt, undefined);
  });

  test('a new command overtakes a write that waits for a sign-in in the same place, and no read', async (t) => {
    const rig = await startDialogs(t);
    const [write, read] = [await ask(rig, turn, 'sync adatum'), await ask(rig, turn, 'status adatum')];
    await ask(rig, turn, 'status contoso');
    assert.equal((await rig.signIn.answerWithAssertion(turn, write, assertionOf(ada))).kind, 'ignored');
    assert.equal((await rig.signIn.answerWithAssertion(turn, read, assertionOf(ada))).kind, 'signedIn');
    assert.deepEqual(rig.posts, []);
  });

  test('after signing out nothing that waited for a sign-in goes on, wherever it was asked', async (t) => {
    const rig = await startDialogs(t);
    const waiting = [await ask(rig, group, 'sync adatum'), await ask(rig, turn, 'status adatum')];
    await rig.message(turn, 'sign out');
    for (const [index, id] of waiting.entries()) {
      const at = index === 0 ? group : turn;
      assert.equal((await rig.signIn.answerWithAssertion(at, id, assertionOf(ada))).kind, 'ignored');
    }
    assert.deepEqual(rig.exchanged, []);
  });

  test('a code is its owner’s, in its conversation, and serves once', async (t) => {
    const rig = await startDialogs(t);
    const request = (await rig.requests.find(await ask(rig, group))) ?? assert.fail();
    const code = await rig.codes.issue(assertionOf(ada), request);
    const answer = (at: typeof turn, given: string) => rig.signIn.answerWithCode(at, given).then(({ kind }) => kind);
    assert.equal(await answer({ ...group, person: elif }, code), 'ignored');
    assert.equal(await answer(turn, code), 'ignored');
    assert.equal(await answer(group, 'made-up'), 'ignored');
    assert.deepEqual(rig.exchanged, []);
    assert.equal(await answer(group, code), 'signedIn');
    assert.equal(await answer(group, code), 'ignored');
  });

  test('a session that Graph stopped taking is asked for once more, not for ever', async (t) => {
    const rig = await startDialogs(t);
    rig.signInAs(ada);
    rig.refuse(ada, 'tokenRejected');
    const id = await ask(rig);
    const outcome = await rig.signIn.answerWithAssertion(turn, id, assertionOf(ada));
    const reply = await rig.replyToSignIn(turn, outcome);
    assert.equal(reply.kind, 'refusal');
    assert.match(wordsOf(reply), /rejected your sign-in.*sign out/s);
  });

  test('a claims challenge of Graph’s asks for the step-up it wants, also right after a silent sign-in', async (t) => {
    const rig = await startDialogs(t);
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}';
    rig.refuse(ada, 'claimsChallenge', { claims });
    const id = await ask(rig);
    const silent = await rig.signIn.answerWithAssertion(turn, id, assertionOf(ada));
    const asked = await rig.replyToSignIn(turn, silent);
    assert.ok(asked.kind === 'signIn' && asked.how === 'button');
    const request = (await rig.requests.find(asked.requestId)) ?? assert.fail();
    assert.deepEqual([request.purpose, request.claims], ['stepUp', claims]);
    const stillChallenged = await rig.signIn.answerWithCode(turn, await rig.codes.issue(assertionOf(ada), request));
    const refused = await rig.replyToSignIn(turn, stillChallenged);
    assert.equal(refused.kind, 'refusal', 'a step-up that did not help is not asked for again');
  });
});

suite('silent failure', () => {
  const cases: readonly [code: unknown, words: RegExp][] = [
    ['installappfailed', /haven’t added this app for yourself yet/],
    ['installedappnotfound', /haven’t added this app for yourself yet/],
    ['authrequestfailed', /registration doesn’t match \(authrequestfailed\)/],
    ['resourcematchfailed', /registration doesn’t match \(resourcematchfailed\)/],
    ['oauthcardnotvalid', /registration doesn’t match \(oauthcardnotvalid\)/],
    ['tokenmissing', /^Teams couldn’t sign you in silently\. Press Sign in/],
    ['a code of tomorrow', /^Teams couldn’t sign you in silently\. Press Sign in/],
    ['constructor', /^Teams couldn’t sign you in silently\. Press Sign in/],
    [undefined, /^Teams couldn’t sign you in silently\. Press Sign in/],
  ];

  for (const [code, words] of cases) {
    test(`a client that fails with ${String(code)} is explained, and the button named`, () => {
      assert.match(explainSilentFailure(code, 'en'), words);
      assert.match(explainSilentFailure(code, 'en'), /[Pp]ress Sign in/);
      assert.match(explainSilentFailure(code, 'zh-CN'), /请点击“登录”/);
    });
  }
});
