import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CardActionAnswer } from '../../src/dialogs/card-action.ts';
import type { CardReply, Turn } from '../../src/domain/turn.ts';
import { dayMs } from '../../src/lib/time.ts';
import { createStores } from '../../src/store/stores.ts';
import { settle } from '../support/clock.ts';
import { assertionOf, press, startDialogs } from '../support/dialogs-rig.ts';
import { outlineOf } from '../support/outline-of.ts';
import { conversationOf, expired, personOf, tokenOf, turnOf } from '../support/turns.ts';

const ada = personOf('ada');
const elif = personOf('elif');
const group = turnOf({ conversation: conversationOf('groupChat') });
const onCard = { ...group, cardId: 'card-1' };
const byElif = { ...onCard, person: elif };

const numbered = (index: number) => String(index + 1).padStart(2, '0');
const tokens = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    tokenOf(`token-${index + 1}`, { organizationName: `School ${numbered(index)}` }),
  );

type Rig = Awaited<ReturnType<typeof startDialogs>>;

async function startWith(t: Parameters<typeof startDialogs>[0], count: number): Promise<Rig> {
  const rig = await startDialogs(t);
  rig.tenant.tokens = tokens(count);
  rig.signInAs(ada);
  return rig;
}

async function say(rig: Rig, line: string, turn: Turn = group): Promise<CardReply> {
  const reply = await rig.message(turn, line);
  assert.ok(reply.kind === 'card', JSON.stringify(reply));
  return reply;
}

function cardOf(answer: CardActionAnswer): CardReply {
  assert.ok(answer.kind === 'card' && answer.reply.kind === 'card', JSON.stringify(answer));
  return answer.reply;
}

const recordOf = ({ recordId }: CardReply) => recordId ?? assert.fail('The card has no record');
const schoolsOn = ({ card }: CardReply) =>
  [...outlineOf(card).matchAll(/^School (\d\d)$/gm)].map(([, number]) => Number(number));
const buttonsOn = ({ card }: CardReply) => (card.actions as { title: string }[]).map(({ title }) => title);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('Next and Previous lead through all of a list, on the same card', async (t) => {
  const rig = await startWith(t, 40);
  const first = await say(rig, 'list');
  assert.deepEqual(schoolsOn(first), range(1, 15));
  assert.match(outlineOf(first.card), /^1–15 of 40$/m);
  const second = cardOf(await rig.press(onCard, press('list/next', recordOf(first))));
  assert.deepEqual(schoolsOn(second), range(16, 30));
  assert.deepEqual(buttonsOn(second).slice(0, 2), ['Previous', 'Next']);
  const third = cardOf(await rig.press(onCard, press('list/next', recordOf(second))));
  assert.deepEqual(schoolsOn(third), range(31, 40));
  assert.match(outlineOf(third.card), /^31–40 of 40$/m);
  assert.ok(!buttonsOn(third).includes('Next'));
  const back = cardOf(await rig.press(onCard, press('list/previous', recordOf(third))));
  assert.deepEqual(schoolsOn(back), range(16, 30));
});

test('a press that is sent twice leads to the same page', async (t) => {
  const rig = await startWith(t, 60);
  const id = recordOf(await say(rig, 'list'));
  const both = await Promise.all([1, 2].map(() => rig.press(onCard, press('list/next', id))));
  for (const answer of both) assert.deepEqual(schoolsOn(cardOf(answer)), range(16, 30));
});

test('a page is read as whoever presses, with the tokens that they may see', async (t) => {
  const rig = await startWith(t, 40);
  const id = recordOf(await say(rig, 'list'));
  rig.signInAs(elif);
  rig.hide(
    elif,
    tokens(40)
      .slice(0, 20)
      .map(({ id: hidden }) => hidden),
  );
  const shown = cardOf(await rig.press(byElif, press('list/next', id)));
  assert.deepEqual(schoolsOn(shown), range(36, 40));
});

test('somebody who is not signed in is asked to, and then gets the page that they pressed for', async (t) => {
  const rig = await startWith(t, 40);
  const id = recordOf(await say(rig, 'list'));
  const asked = await rig.press(byElif, press('list/next', id));
  assert.ok(asked.kind === 'signIn');
  const proof = { kind: 'assertion', requestId: asked.requestId, assertion: assertionOf(elif) } as const;
  assert.deepEqual(schoolsOn(cardOf(await rig.press(byElif, press('list/next', id, { proof })))), range(16, 30));
});

test('the list may have become shorter: the last page there is takes its place', async (t) => {
  const rig = await startWith(t, 40);
  const second = cardOf(await rig.press(onCard, press('list/next', recordOf(await say(rig, 'list')))));
  rig.tenant.tokens = tokens(17);
  assert.deepEqual(schoolsOn(cardOf(await rig.press(onCard, press('list/next', recordOf(second))))), [16, 17]);
});

test('filters are buttons that say how many there are, and the filter goes with every page', async (t) => {
  const rig = await startWith(t, 40);
  rig.tenant.tokens = tokens(40).map((token, index) => (index % 2 === 0 ? { ...token, ...expired } : token));
  const all = await say(rig, 'list');
  assert.deepEqual(buttonsOn(all), ['Next', 'Expiring (20)', 'Failed (20)']);
  const expiring = cardOf(await rig.press(onCard, press('list/expiring', recordOf(all))));
  assert.deepEqual(
    schoolsOn(expiring),
    range(1, 15).map((number) => 2 * number - 1),
  );
  assert.deepEqual(buttonsOn(expiring), ['Next', 'All (40)', 'Failed (20)']);
  const rest = cardOf(await rig.press(onCard, press('list/next', recordOf(expiring))));
  assert.deepEqual(schoolsOn(rest), [31, 33, 35, 37, 39]);
  const back = cardOf(await rig.press(onCard, press('list/all', recordOf(rest))));
  assert.match(outlineOf(back.card), /^1–15 of 40$/m);
});

test('a filter that lets nothing through any more is answered to the presser, and the list stays', async (t) => {
  const rig = await startWith(t, 3);
  rig.tenant.tokens = tokens(3).map((token) => ({ ...token, ...expired }));
  const id = recordOf(await say(rig, 'list'));
  rig.tenant.tokens = tokens(3);
  const answer = await rig.press(onCard, press('list/expiring', id));
  assert.deepEqual(answer.kind, 'message');
});

test('a row’s tap shows its token’s state beside the list, as whoever taps', async (t) => {
  const rig = await startWith(t, 40);
  const second = cardOf(await rig.press(onCard, press('list/next', recordOf(await say(rig, 'list')))));
  rig.signInAs(elif);
  const opened = await rig.press(byElif, press('list/open', recordOf(second), { row: 3 }));
  assert.ok(opened.kind === 'beside' && opened.reply.kind === 'card');
  assert.match(outlineOf(opened.reply.card), /^School 18$/m);
  rig.hide(elif, ['token-18']);
  // A status may be half a minute old.
  rig.clock.now += 31_000;
  const hidden = await rig.press(byElif, press('list/open', recordOf(second), { row: 3 }));
  assert.doesNotMatch(JSON.stringify(hidden), /School/);
});

test('a row that the card does not have opens nothing', async (t) => {
  const rig = await startWith(t, 3);
  const id = recordOf(await say(rig, 'list'));
  for (const row of [0, 4, 99, undefined]) {
    const answer = await rig.press(onCard, press('list/open', id, row === undefined ? {} : { row }));
    assert.equal(answer.kind, 'message', String(row));
  }
  assert.deepEqual(rig.posts, []);
});

test('a page number, a filter or a row that the client adds is not believed', async (t) => {
  const rig = await startWith(t, 60);
  const id = recordOf(await say(rig, 'list'));
  const inputs = { page: 3, asked: 'failed', command: 'sync', rows: [{ tokenId: 'token-60' }] };
  assert.deepEqual(schoolsOn(cardOf(await rig.press(onCard, press('list/next', id, { inputs })))), range(16, 30));
});

test('buttons of one kind of card do nothing on another', async (t) => {
  const rig = await startWith(t, 40);
  const list = recordOf(await say(rig, 'list'));
  const token = recordOf(await say(rig, 'status school 01'));
  for (const [verb, id] of [
    ['sync/start', list],
    ['status/refresh', list],
    ['list/next', token],
    ['alerts/next', list],
  ] as const) {
    assert.equal((await rig.press(onCard, press(verb, id))).kind, 'message', verb);
  }
  assert.deepEqual(rig.posts, []);
});

test('an old list, a forgotten one and one of another conversation say so', async (t) => {
  const rig = await startWith(t, 40);
  const id = recordOf(await say(rig, 'list'));
  const text = async (turn: Turn, of = id) => {
    const answer = await rig.press(turn, press('list/next', of));
    assert.ok(answer.kind === 'message');
    return answer.text;
  };
  assert.match(
    await text({ ...onCard, conversation: conversationOf('groupChat', '19:other') }),
    /another conversation/,
  );
  assert.match(await text(onCard, 'never-given'), /Ask again to get a new card/);
  rig.clock.now += 31 * dayMs;
  rig.signInAs(ada);
  assert.match(await text(onCard), /has expired\. Ask again to get a new card/);
  await rig.records.prune(rig.clock.now);
  assert.match(await text(onCard), /Ask again to get a new card/);
});

test('a page is turned by another process, which knows nothing but the store', async (t) => {
  const rig = await startWith(t, 40);
  const second = cardOf(await rig.press(onCard, press('list/next', recordOf(await say(rig, 'list')))));
  const other = createStores(rig.db, { owner: 'another process', leaseMs: 60_000, now: () => rig.clock.now });
  const record = await other.records.find(recordOf(second));
  assert.deepEqual(record?.payload, {
    command: 'list',
    asked: '',
    page: 1,
    rows: range(16, 30).map((number) => ({ tokenId: `token-${number}` })),
  });
});

test('licences have pages and a filter of their own', async (t) => {
  const rig = await startWith(t, 1);
  rig.tenant.tokens = [tokenOf('token-1', { organizationName: 'Adatum', appleId: 'hq@adatum.example' })];
  rig.tenant.apps = Array.from({ length: 32 }, (_, index) => ({
    id: `app-${index}`,
    displayName: `School ${numbered(index)}`,
    usedLicenseCount: index < 20 ? 10 : 1,
    totalLicenseCount: 10,
    vppTokenAppleId: 'hq@adatum.example',
    vppTokenOrganizationName: 'Adatum',
  }));
  const first = await say(rig, 'licenses adatum');
  assert.deepEqual(schoolsOn(first), range(1, 15));
  assert.deepEqual(buttonsOn(first), ['Next', 'Low (20)']);
  const second = cardOf(await rig.press(onCard, press('licenses/next', recordOf(first))));
  assert.deepEqual(schoolsOn(second), range(16, 30));
  const low = cardOf(await rig.press(onCard, press('licenses/low', recordOf(second))));
  assert.deepEqual(buttonsOn(low), ['Next', 'All apps (32)']);
  const lowest = cardOf(await rig.press(onCard, press('licenses/next', recordOf(low))));
  assert.deepEqual(schoolsOn(lowest), range(16, 20));
  const all = cardOf(await rig.press(onCard, press('licenses/all', recordOf(lowest))));
  assert.match(outlineOf(all.card), /^1–15 of 32$/m);
});

test('the history has pages, and its rows lead to the token', async (t) => {
  const rig = await startWith(t, 18);
  for (const number of range(1, 18)) await say(rig, `sync school ${numbered(number - 1)}`);
  const first = await say(rig, 'history');
  assert.match(outlineOf(first.card), /^1–15 of 18$/m);
  const second = cardOf(await rig.press(onCard, press('history/next', recordOf(first))));
  assert.match(outlineOf(second.card), /School 03[\s\S]*School 01[\s\S]*^16–18 of 18$/m);
  assert.deepEqual(buttonsOn(second), ['Previous']);
  const opened = await rig.press(onCard, press('history/open', recordOf(second), { row: 2 }));
  assert.ok(opened.kind === 'beside' && opened.reply.kind === 'card');
  assert.match(outlineOf(opened.reply.card), /^School 02$/m);
});

test('the syncs of one batch are one row, which opens them', async (t) => {
  const rig = await startWith(t, 6);
  const plan = await say(rig, 'sync all');
  cardOf(await rig.press(onCard, press('syncAll/apply', recordOf(plan))));
  while (rig.posts.length < 6) await settle();
  const history = await say(rig, 'history');
  assert.match(JSON.stringify(history.card), /"title":"Show each sync: Sync of 6 tokens: /);
  const opened = await rig.press(onCard, press('history/open', recordOf(history), { row: 1 }));
  assert.ok(opened.kind === 'beside' && opened.reply.kind === 'card');
  const { card } = opened.reply;
  assert.deepEqual(
    range(1, 6).filter((number) => outlineOf(card).includes(`School ${numbered(number - 1)} · Ada`)),
    range(1, 6),
  );
  rig.signInAs(elif);
  rig.hide(elif, ['token-1', 'token-2', 'token-3', 'token-4', 'token-5']);
  const byOther = await rig.press(byElif, press('history/open', recordOf(history), { row: 1 }));
  assert.ok(byOther.kind === 'beside' && byOther.reply.kind === 'card');
  assert.doesNotMatch(outlineOf(byOther.reply.card), /School 0[1-5]/);
});

test('a quote of licences or of one token’s history is about that token', async (t) => {
  const rig = await startWith(t, 3);
  const history = await say(rig, 'history school 02');
  await rig.records.setCard(recordOf(history), 'card-9');
  const answer = await rig.message({ ...group, quotedId: 'card-9' }, 'status');
  assert.ok(answer.kind === 'card');
  assert.match(outlineOf(answer.card), /^School 02$/m);
});
