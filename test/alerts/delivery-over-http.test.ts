import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ConnectorFault } from '../../sandbox/teams/connector.ts';
import { onEveryEngine } from '../support/open-store.ts';
import { openStore } from '../support/temporary-store.ts';
import { alertOf, ended } from './delivery-samples.ts';
import { startNotifierOverHttp } from './http-notifier-rig.ts';

const fast = { speed: 20 } as const;
const statuses = ({ sandbox }: Awaited<ReturnType<typeof startNotifierOverHttp>>) =>
  sandbox.requests.map(({ status }) => status);

test('200 alerts to 20 conversations meet no 429, all come, and Teams’ limit for a tenant holds', async () => {
  const bed = await startNotifierOverHttp({ speed: 1, chats: 20 });
  const chats = bed.conversations.list().filter(({ kind }) => kind === 'personal');
  assert.equal(chats.length, 20);
  for (const chat of chats) await bed.subscribe(chat);
  bed.notifier.start();
  // Ten for each, in two waves of five, since more than five at once would be one digest.
  for (const wave of [0, 5]) {
    const ids = [0, 1, 2, 3, 4].map((n) => `a${wave + n}`);
    await bed.set(...ids.map((id) => alertOf(id)));
    for (const id of ids) for (const chat of chats) await bed.queue(chat, id, 'opened');
    await bed.allDelivered(30_000);
  }
  for (const chat of chats) assert.equal(bed.messages(chat).length, 10, chat.key);
  assert.deepEqual(new Set(statuses(bed)), new Set([201]));
  const times = bed.sandbox.requests.map(({ at }) => at);
  for (const [n, at] of times.entries()) {
    const withinOneSecond = times.slice(n).filter((each) => each - at < 1_000).length;
    assert.ok(withinOneSecond <= 50, `${withinOneSecond} in one second`);
  }
});

test('a burst is one card in each conversation, and one line when it is over', async () => {
  const bed = await startNotifierOverHttp({ ...fast, chats: 3 });
  const { group, channel } = bed.conversations;
  const places = [bed.conversations.personal('p0'), group, channel];
  for (const place of places) await bed.subscribe(place);
  const ids = Array.from({ length: 200 }, (_, n) => `a${n}`);
  await bed.set(...ids.map((id) => alertOf(id)));
  for (const place of places) for (const id of ids) await bed.queue(place, id, 'opened');
  bed.notifier.start();
  await bed.allDelivered();
  for (const place of places) assert.match(bed.words(place).join(' || '), /^200 alerts at once.*185 more/);
  await bed.notifier.stop();
  await bed.set(...ids.map((id) => ended(id)));
  for (const place of places) for (const id of ids) await bed.queue(place, id, 'resolved');
  const next = bed.createProcess();
  next.start();
  await bed.allDelivered();
  await next.stop();
  for (const place of places) {
    assert.equal(bed.messages(place).length, 2, place.key);
    assert.match(bed.words(place)[1] ?? '', /195 more/);
  }
  const [root, line] = bed.messages(channel);
  assert.equal(line?.rootId, root?.id, 'in the thread of the digest');
});

suite('over a Teams that', () => {
  const faults: readonly (readonly [string, ConnectorFault, number])[] = [
    ['throttles (429 with Retry-After)', { status: 429, retryAfter: 4 }, 3],
    ['throttles without saying for how long', { status: 429 }, 3],
    ['answers 502 and stores nothing', { status: 502 }, 3],
    ['is unavailable (503)', { status: 503 }, 3],
    ['does not answer in time (504)', { status: 504 }, 3],
    ['wants a new try (412)', { status: 412 }, 3],
    ['cuts connections', { status: 0 }, 3],
  ];
  for (const [name, fault, times] of faults) {
    test(`${name}, everything comes once, in its order`, async () => {
      const bed = await startNotifierOverHttp(fast);
      const chat = bed.conversations.personal('p0');
      await bed.subscribe(chat);
      await bed.set(alertOf('a'), alertOf('b', { condition: 'expired', stage: 'expired' }));
      bed.sandbox.failNext(times, fault);
      await bed.queue(chat, 'a', 'opened');
      await bed.queue(chat, 'b', 'opened');
      bed.notifier.start();
      await bed.allDelivered();
      const words = bed.words(chat);
      assert.equal(words.length, 2);
      assert.match(words[0] ?? '', /Expires/);
      assert.match(words[1] ?? '', /has expired/);
      assert.equal(statuses(bed).filter((status) => status !== 201).length, times);
    });
  }

  test('stores a message and answers 502, it comes at most twice, and the one remembered is the one edited', async () => {
    const bed = await startNotifierOverHttp(fast);
    const chat = bed.conversations.personal('p0');
    await bed.subscribe(chat);
    await bed.set(alertOf('a'));
    bed.sandbox.failNext(1, { status: 502, afterStoring: true });
    await bed.queue(chat, 'a', 'opened');
    bed.notifier.start();
    await bed.allDelivered();
    assert.equal(bed.messages(chat).length, 2);
    await bed.set(ended('a'));
    await bed.queue(chat, 'a', 'resolved');
    await bed.allDelivered();
    assert.match(bed.words(chat)[1] ?? '', /Resolved/);
    assert.equal(bed.messages(chat).length, 3);
  });

  test('throttles edits, they come when it lets them', async () => {
    const bed = await startNotifierOverHttp(fast);
    const chat = bed.conversations.personal('p0');
    await bed.subscribe(chat);
    await bed.set(alertOf('a'));
    await bed.queue(chat, 'a', 'opened');
    bed.notifier.start();
    await bed.allDelivered();
    await bed.set(ended('a'));
    bed.sandbox.failNext(2, { status: 429, retryAfter: 3, method: 'PUT' });
    await bed.queue(chat, 'a', 'resolved');
    await bed.allDelivered();
    const [card, line, ...others] = bed.words(chat);
    assert.match(card ?? '', /Resolved/);
    assert.match(line ?? '', /Resolved|resolved/);
    assert.deepEqual(others, [], 'one line, though its edit was tried three times');
  });

  test('lost a message, it is posted anew while its alert is open', async () => {
    const bed = await startNotifierOverHttp(fast);
    const { channel } = bed.conversations;
    await bed.subscribe(channel);
    await bed.set(alertOf('a'));
    await bed.queue(channel, 'a', 'opened');
    bed.notifier.start();
    await bed.allDelivered();
    const [first] = bed.messages(channel);
    bed.remove(channel, first?.id ?? '');
    await bed.set(alertOf('a', { stage: 'd3' }));
    await bed.queue(channel, 'a', 'changed');
    await bed.allDelivered();
    const [second, ...others] = bed.messages(channel);
    assert.notEqual(second?.id, first?.id);
    assert.deepEqual(others, []);
    await bed.set(ended('a'));
    bed.remove(channel, second?.id ?? '');
    await bed.queue(channel, 'a', 'resolved');
    await bed.allDelivered();
    assert.deepEqual(bed.messages(channel), []);
  });

  test('has the bot no longer in a conversation, that one rests, its subscriber learns it, and the others go on', async () => {
    const bed = await startNotifierOverHttp({ ...fast, chats: 2 });
    const { channel, group } = bed.conversations;
    for (const place of [channel, group]) await bed.subscribe(place);
    bed.sandbox.setInstalled(channel, false);
    await bed.set(alertOf('a'));
    for (const place of [channel, group]) await bed.queue(place, 'a', 'opened');
    bed.notifier.start();
    await bed.allDelivered();
    assert.equal(bed.messages(group).length, 1);
    assert.deepEqual(bed.messages(channel), []);
    const chat = bed.conversations.personal('p0');
    const lateAt = performance.now() + 5_000;
    while (bed.words(chat).length === 0 && performance.now() < lateAt)
      await new Promise((done) => setTimeout(done, 10));
    assert.match(
      bed.words(chat).join(),
      /^Alerts that you turned on in a team channel have stopped.*BotNotInConversationRoster.*since \d+ \w+ \d{4}, for all tokens/,
    );

    bed.sandbox.setInstalled(channel, true);
    await bed.notifier.resume(channel.id);
    await bed.allDelivered();
    assert.match(bed.words(channel).join(), /1 open alert/);
    assert.equal(bed.words(chat).length, 1);
  });
});

onEveryEngine('two processes', (newDatabase) => {
  test('over one store send nothing twice', async () => {
    const database = await newDatabase();
    const bed = await startNotifierOverHttp({ ...fast, chats: 12, database });
    const chats = bed.conversations.list().filter(({ kind }) => kind === 'personal');
    for (const chat of chats) await bed.subscribe(chat);
    const other = bed.createProcess(await openStore(database));
    bed.notifier.start();
    other.start();
    for (const id of ['a', 'b', 'c']) {
      await bed.set(alertOf(id));
      for (const chat of chats) await bed.queue(chat, id, 'opened');
      other.wake();
    }
    await bed.allDelivered(20_000);
    await other.stop();
    for (const chat of chats) assert.equal(bed.messages(chat).length, 3, chat.key);
  });
});

test('an alert goes to the address that Teams named last', async () => {
  const bed = await startNotifierOverHttp(fast);
  const chat = bed.conversations.personal('p0');
  await bed.subscribe(chat);
  bed.notifier.start();
  for (const [id, slash] of [
    ['a', '/'],
    ['b', ''],
  ] as const) {
    const reference = bed.reference(chat);
    const serviceUrl = reference.serviceUrl.replace(/\/$/, slash);
    await bed.known.record({ reference: { ...reference, serviceUrl }, seenAt: bed.now() });
    await bed.set(alertOf(id));
    await bed.queue(chat, id, 'opened');
    await bed.allDelivered();
  }
  const addresses = bed.sandbox.requests.map(({ body }) => (JSON.parse(body) as { serviceUrl: string }).serviceUrl);
  assert.match(addresses[0] ?? '', /\/connector\/$/);
  assert.match(addresses[1] ?? '', /\/connector$/);
});
