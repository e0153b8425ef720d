import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { startRehearsal } from '../rehearsal.ts';
import { type Changes, createDoor } from './door.ts';

const rehearsal = await startRehearsal({ env: { MONITOR: 'off' } });
// Much is answered here in one chat within a second.
rehearsal.sandbox.connector.setRateLimits(false);
const door = createDoor(rehearsal);
const good = JSON.stringify(door.message());
const nested = (depth: number) => good.replace('{', `{"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)},`);

suite('a signed request is refused (400)', () => {
  const bodies: Readonly<Record<string, string>> = {
    'when empty': '',
    'when not JSON': 'sync contoso',
    'when cut off': good.slice(0, -1),
    'as a list of activities': `[${good}]`,
    'as null': 'null',
    'without a type': good.replace('"type":"message",', ''),
    'with an empty type': good.replace('"type":"message"', '"type":""'),
    'with a type that is a number': good.replace('"type":"message"', '"type":5'),
    'with a type that is null': good.replace('"type":"message"', '"type":null'),
    'when nested 65 deep': nested(65),
    'when nested 50,000 deep': nested(50_000),
  };
  for (const [name, rawBody] of Object.entries(bodies)) {
    test(name, () => door.isRefused(400, door.message(), { rawBody }));
  }

  const wrong: readonly Changes[] = [
    ...['id', 'name', 'channelId', 'serviceUrl', 'text', 'locale', 'replyToId', 'action', 'deliveryMode'].map(
      (name) => ({ [name]: 5 }),
    ),
    { text: {} },
    { text: ['sync'] },
    { text: true },
    { entities: {} },
    { entities: 'x' },
    { attachments: {} },
    { membersAdded: 'x' },
    { membersRemoved: {} },
    { from: 'x' },
    { from: [] },
    { from: { id: 5 } },
    { from: { id: '29:a', aadObjectId: {} } },
    { from: { id: '29:a', name: 5 } },
    { recipient: 5 },
    { recipient: { id: [] } },
    { conversation: 'a:1' },
    { conversation: [] },
    { conversation: { id: 5 } },
    { conversation: { tenantId: {} } },
    { conversation: { conversationType: 5 } },
    { channelData: 'x' },
    { channelData: { tenant: 'x' } },
    { channelData: { tenant: { id: 5 } } },
    { channelData: { team: [] } },
    { channelData: { eventType: 5 } },
  ];
  for (const changes of wrong) {
    test(`with ${JSON.stringify(changes)}`, () => {
      // Signed for what it would be at the right address, so that its form alone is at fault.
      const claims = { serviceurl: door.message().serviceUrl };
      return door.isRefused(400, door.message(changes), { claims });
    });
  }

  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/json',
    '',
  ]) {
    test(`with content type ${type || 'none'}`, () =>
      door.isRefused(400, door.message(), { headers: { 'content-type': type } }));
  }

  test('when not UTF-8', async () => {
    const head = headOf();
    const body = Buffer.concat([
      Buffer.from(good.slice(0, -1)),
      Buffer.from(',"x":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ]);
    const answer = await sayRaw(Buffer.concat([Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`), body]));
    assert.match(answer, /^HTTP\/1\.1 400 /);
  });
});

test('a good request of the same form is answered', () => door.isAnswered(door.message()));

test('brackets within texts are no nesting', () => door.isAnswered(door.message({ value: '[{'.repeat(500) })));

suite('null stands for absence', () => {
  const names = Object.keys(JSON.parse(good)).filter((name) => !['type', 'channelId', 'serviceUrl'].includes(name));
  for (const name of names) {
    test(`${name} is null`, async () => {
      const { status } = await door.send(door.message({ [name]: null }));
      assert.equal(status, 200);
    });
  }

  test('everything that may be is null at once', async () => {
    const { conversation, ...rest } = Object.fromEntries(names.map((name) => [name, null]));
    assert.equal(conversation, null);
    const place = { id: null, tenantId: door.chat.tenantId, conversationType: null, name: null, isGroup: null };
    for (const type of ['message', 'conversationUpdate', 'installationUpdate']) {
      const { status } = await door.send(door.message({ type, ...rest, conversation: place }));
      assert.equal(status, 200, type);
    }
  });

  test('lists hold nulls and odd things', async () => {
    const odd = [null, 5, 'x', [], {}, { type: 'mention', mentioned: null }];
    for (const type of ['message', 'conversationUpdate']) {
      const changes = { type, entities: odd, attachments: odd, membersAdded: odd, membersRemoved: odd };
      assert.equal((await door.send(door.message(changes))).status, 200, type);
    }
  });
});

suite('a body over 256 KB is refused (413), and the sender hears it', () => {
  const large = 'x'.repeat(4 * 1024 * 1024);

  test('with its length announced', async () => {
    for (let time = 0; time < 5; time += 1) {
      await door.isRefused(413, door.message(), { rawBody: `{"type":"message","text":"${large}"}` });
    }
  });

  test('in chunks', async () => {
    const head = `${headOf()}transfer-encoding: chunked\r\n\r\n`;
    const chunk = `${(64 * 1024).toString(16)}\r\n${'x'.repeat(64 * 1024)}\r\n`;
    for (let time = 0; time < 5; time += 1) {
      const answer = await sayRaw(Buffer.from(`${head}${chunk.repeat(64)}0\r\n\r\n`));
      assert.match(answer, /^HTTP\/1\.1 413 [^\r]*\r\n/);
    }
  });

  test('without waiting for the rest of it', async () => {
    const answer = await sayRaw(Buffer.from(`${headOf()}content-length: 999999999\r\n\r\n{"type":`));
    assert.match(answer, /^HTTP\/1\.1 413 /);
  });

  test('and one of 250 KB is let in', () => door.isAnswered(door.message({ text: 'y'.repeat(250 * 1024) })));
});

function headOf(): string {
  const all = { host: new URL(rehearsal.botUrl).host, 'content-type': 'application/json' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /api/messages HTTP/1.1\r\n${lines.join('')}`;
}

/** Writes bytes to the bot's port and resolves with what came back before the connection ended. */
function sayRaw(bytes: Buffer): Promise<string> {
  const socket = connect(Number(new URL(rehearsal.botUrl).port), '127.0.0.1');
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  // A reset after the answer loses nothing that was heard; before it, `heard` stays empty and the test fails.
  socket.on('error', () => undefined);
  socket.write(bytes);
  return new Promise((resolve) => socket.once('close', () => resolve(heard)));
}
