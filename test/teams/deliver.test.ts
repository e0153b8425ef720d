import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createGetPersonalChat } from '../../src/alerts/personal-chat.ts';
import type { Conversations } from '../../src/domain/alert-repositories.ts';
import type { Reply, Turn } from '../../src/domain/turn.ts';
import { ConnectorError } from '../../src/teams/connector-error.ts';
import { createDeliver, createPostPersonally, createSendReply } from '../../src/teams/deliver.ts';
import type { Outbox } from '../../src/teams/outbox.ts';
import { partOf } from '../support/part-of.ts';
import { createLines, createRuntime } from '../support/runtime.ts';

const turn: Turn = {
  person: { tenantId: 't', aadObjectId: 'o', teamsId: '29:a', name: 'Ada' },
  conversation: {
    serviceUrl: 'https://smba.trafficmanager.net/emea/',
    id: 'a:1',
    kind: 'personal',
    tenantId: 't',
    bot: { id: '28:bot', name: 'VPP Sync' },
  },
  locale: 'en',
  at: 0,
  correlationId: 'c1',
  messageId: '5',
};
const text: Reply = { kind: 'text', text: 'a' };
const signIn: Reply = { kind: 'signIn', requestId: 'r', text: 'a', how: 'silent' };
const card = (more: object): Reply => ({
  kind: 'card',
  card: { type: 'AdaptiveCard' } as never,
  summary: 's',
  ...more,
});

/** Writes down, in order, what is done with a reply. */
function createBed(outcome: () => Promise<string | undefined> = async () => 'new', isStoreAway = false) {
  const done: string[] = [];
  const { lines, log } = createLines();
  const sendReply = createSendReply({
    outbox: partOf<Outbox>({
      send: (_, locale, reply, replyToId) => {
        done.push(`send ${reply.kind} ${locale} to ${replyToId}`);
        return outcome();
      },
      replace: (_, __, id, reply, replyToId) => {
        done.push(`replace ${id} with ${reply.kind} to ${replyToId}`);
        return outcome();
      },
      edit: async (_, id, said) => void done.push(`edit ${id}: ${said}`),
    }),
    runs: {
      async setCard(run, id) {
        done.push(`run ${run} writes on ${id}`);
        if (isStoreAway) throw new Error('the store is away');
      },
    },
    batches: { setCard: async (batch, id) => void done.push(`batch ${batch} writes on ${id}`) },
    records: { setCard: async (record, id) => void done.push(`record ${record} is on ${id}`) },
    requests: { setCard: async (request, id) => void done.push(`request ${request} continues on ${id}`) },
    log,
  });
  const deliver = createDeliver({
    sendReply,
    keep: async (_, reply) => void done.push(`keep ${reply.kind}`),
    cardSent: {
      record: (id, cardId = 'nothing') => void done.push(`announce ${id} on ${cardId}`),
      waitFor: () => assert.fail('it waits for nothing'),
      forget: () => assert.fail('it forgets nothing'),
    },
    log,
  });
  return { deliver, done, lines };
}

test('a batch learns which card is its own, and is then let write on it', async () => {
  const { deliver, done } = createBed();
  await deliver(turn, card({ batchId: 'b' }));
  assert.deepEqual(done, ['send card en to 5', 'batch b writes on new', 'announce b on new']);
});

test('a record learns which message shows its card', async () => {
  const { deliver, done } = createBed();
  await deliver(turn, card({ recordId: 'r' }));
  assert.deepEqual(done, ['send card en to 5', 'record r is on new']);
});

test('the card of a question that was answered in words becomes a line, after the answer', async () => {
  const collapses = { cardId: '4', text: 'Answered: Adatum.' };
  const { deliver, done } = createBed();
  await deliver(turn, card({ recordId: 'r', collapses }));
  assert.deepEqual(done, ['send card en to 5', 'record r is on new', 'edit 4: Answered: Adatum.']);
});

test('an answer goes to the message it answers', async () => {
  const { deliver, done } = createBed();
  await deliver(turn, text);
  assert.deepEqual(done, ['send text en to 5']);
});

test('the answer to a press is written on its card; a sign-in never is', async () => {
  const { deliver, done } = createBed();
  await deliver({ ...turn, cardId: '9' }, text);
  await deliver({ ...turn, cardId: '9' }, signIn);
  assert.deepEqual(done, ['replace 9 with text to 5', 'send signIn en to 5']);
});

test('whoever edits a card later learns its id before it learns that the card is there', async () => {
  const { deliver, done } = createBed();
  await deliver(turn, card({ runId: 'run-1' }));
  await deliver(turn, card({ continues: 'request-1' }));
  assert.deepEqual(done, [
    'send card en to 5',
    'run run-1 writes on new',
    'announce run-1 on new',
    'send card en to 5',
    'request request-1 continues on new',
  ]);
});

test('a run learns it too when its card could not be sent, or got no id', async () => {
  const failure = new ConnectorError({ reason: 'refused', status: 403, code: 'BotNotInConversationRoster' });
  for (const outcome of [() => Promise.reject(failure), async () => undefined]) {
    const { deliver, done } = createBed(outcome);
    await deliver(turn, card({ runId: 'run-1' }));
    assert.deepEqual(done, ['send card en to 5', 'announce run-1 on nothing']);
  }
});

test('a card whose id the store cannot keep is still passed on', async () => {
  const { deliver, done, lines } = createBed(async () => 'new', true);
  await deliver(turn, card({ runId: 'run-1' }));
  assert.deepEqual(done, ['send card en to 5', 'run run-1 writes on new', 'announce run-1 on new']);
  assert.equal(lines.length, 1);
});

test('a failure is logged with its correlation id and passed on to nobody', async () => {
  const failure = new ConnectorError({ reason: 'unreachable' });
  const { deliver, lines } = createBed(() => Promise.reject(failure));
  await deliver(turn, text);
  assert.deepEqual(
    lines.map(({ fields }) => fields),
    [{ err: failure, correlationId: 'c1' }],
  );
});

test('a reply that Teams may accept later is kept, a sign-in too; not one that a sync posts again, nor one refused for good', async () => {
  const refused = (status: number, code: string) => () =>
    Promise.reject(new ConnectorError({ reason: 'refused', status, code }));
  const passing = [refused(412, '412'), refused(429, '429'), refused(503, '503'), refused(404, 'ConversationNotFound')];
  for (const outcome of passing) {
    const { deliver, done } = createBed(outcome);
    await deliver(turn, text);
    await deliver(turn, signIn);
    await deliver(turn, card({ runId: 'run-1' }));
    assert.deepEqual(
      done.filter((each) => each.startsWith('keep')),
      ['keep text', 'keep signIn'],
    );
  }
  const { deliver, done } = createBed(refused(403, 'ConversationBlockedByUser'));
  await deliver(turn, text);
  assert.deepEqual(done, ['send text en to 5']);
});

suite('a line for one person alone', () => {
  /** Posts from a channel as Ada, whose own chat is `known`, or opened by `open`. */
  function createPersonalBed(known: string | undefined, open: () => Promise<string>, send = async () => 'sent') {
    const done: string[] = [];
    const { lines, log } = createLines();
    const chat = (id: string) => ({ ...turn.conversation, id });
    const runtime = createRuntime({ log, wait: () => new Promise(() => undefined) });
    const getPersonalChat = createGetPersonalChat({
      messenger: { openPersonal: async (person) => chat(`${await open()} of ${person.name}`) },
      conversations: partOf<Conversations>({
        findPersonal: async (tenantId, personId) => {
          assert.deepEqual([tenantId, personId], ['t', 'o']);
          return known === undefined ? undefined : { reference: chat(known), seenAt: 0 };
        },
        record: async ({ reference, personId }) => void done.push(`record ${reference.id} of ${personId}`),
      }),
      runtime,
    });
    const post = createPostPersonally({
      outbox: partOf<Outbox>({
        send: (to, _, reply) => {
          done.push(`send ${reply.kind === 'text' ? reply.text : reply.kind} to ${to.id}`);
          return send();
        },
      }),
      getPersonalChat,
      runtime,
    });
    const channel = { ...turn.conversation, id: '19:c', kind: 'channel' as const };
    return { done, lines, post: () => post({ ...turn, conversation: channel }, 'whole') };
  }
  const refused = () => Promise.reject(new ConnectorError({ reason: 'refused', status: 403 }));

  test('goes to their own chat, which is opened and recorded when it is not known', async () => {
    const known = createPersonalBed('a:1', () => assert.fail());
    assert.equal(await known.post(), true);
    assert.deepEqual(known.done, ['send whole to a:1']);
    const opened = createPersonalBed(undefined, async () => 'a:2');
    assert.equal(await opened.post(), true);
    assert.deepEqual(opened.done, ['record a:2 of Ada of o', 'send whole to a:2 of Ada']);
  });

  test('that cannot be sent is logged and goes nowhere else', async () => {
    for (const bed of [createPersonalBed(undefined, refused), createPersonalBed('a:1', refused, refused)]) {
      assert.equal(await bed.post(), false);
      assert.equal(bed.lines.length, 1);
      assert.ok(bed.done.length <= 1);
    }
  });
});
