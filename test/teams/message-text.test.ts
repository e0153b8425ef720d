import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cleanText } from '../../src/lib/text.ts';
import { messageText } from '../../src/teams/activity.ts';

const recipient = { id: '28:bot', name: 'VPP Sync' };
const mention = (text: unknown, id: unknown = recipient.id) => ({ type: 'mention', text, mentioned: { id } });
const wordsOf = (text: string | undefined, entities: readonly unknown[] = []) =>
  messageText({ recipient, entities, ...(text !== undefined && { text }) })
    .replace(/&nbsp;|\s+/g, ' ')
    .trim();

test('takes the bot’s own mention away, wherever and however often it stands', () => {
  const at = '<at>VPP Sync</at>';
  for (const text of [
    `${at}&nbsp;sync contoso`,
    `sync ${at} contoso`,
    `sync contoso ${at}`,
    `${at}${at} sync contoso ${at}`,
  ]) {
    assert.equal(wordsOf(text, [mention(at)]), 'sync contoso', text);
    assert.equal(wordsOf(text), 'sync contoso', `without entities: ${text}`);
  }
});

test('takes it away in the form that the entity gives, also when the bot goes by another name', () => {
  assert.equal(wordsOf('<at id="0">Token-Bot</at> hi', [mention('<at id="0">Token-Bot</at>')]), 'hi');
});

test('somebody else who is called like a command gives none', () => {
  const text = '<at>VPP Sync</at> <at>Sync Adatum</at>';
  const mentions = [mention('<at>VPP Sync</at>'), mention('<at>Sync Adatum</at>', '29:ada')];
  assert.equal(wordsOf(text, mentions), '@Sync Adatum');
  assert.equal(
    wordsOf('<at>Sync Adatum</at> hello', [mention('<at>Sync Adatum</at>', '29:ada')]),
    '@Sync Adatum hello',
  );
});

for (const text of [
  '<at>VPP Sync (Dev)</at> status adatum',
  '<at id="0">VPP Sync</at> status adatum',
  '<AT>vpp sync</AT> status adatum',
  '<at>VPP&nbsp;Sync</at> status adatum',
  'status <at>VPP Sync</at> adatum <at>VPP Sync</at>',
]) {
  test(`takes the bot’s own mention away though nothing more is said of it: ${text}`, () => {
    assert.equal(wordsOf(text, []), 'status adatum');
    const nameless = { type: 'mention', mentioned: { id: '28:bot' } };
    assert.equal(wordsOf(text, [nameless]), 'status adatum');
  });
}

test('keeps other people’s names', () => {
  const text = '<at>VPP Sync</at> tell <at>Ada</at> of contoso';
  assert.equal(
    wordsOf(text, [mention('<at>VPP Sync</at>'), mention('<at>Ada</at>', '29:ada')]),
    'tell @Ada of contoso',
  );
});

test('lives with entities of any form', () => {
  const odd = [
    null,
    5,
    'x',
    [],
    {},
    { type: 'mention' },
    mention(undefined),
    mention(''),
    mention(5),
    mention('<at>x</at>', null),
  ];
  assert.equal(wordsOf('status', [...odd, { type: 'mention', mentioned: null, text: 'status' }]), 'status');
  assert.equal(wordsOf(undefined, odd), '');
  assert.equal(messageText({}), '');
});

test('an entity without an id is no mention of a bot without an id', () => {
  assert.equal(messageText({ text: 'sync contoso', entities: [{ type: 'mention', text: 'contoso' }] }), 'sync contoso');
});

test('no text and no entities make it throw or leave a mention tag behind', () => {
  const tag = fc.constantFrom('<at>', '</at>', '<at id="1">', 'VPP Sync', '&nbsp;', '<', '>', ' at');
  const text = fc.array(fc.oneof(tag, fc.string())).map((parts) => parts.join(''));
  const entity = fc.oneof(
    fc.anything(),
    fc.record({ type: fc.constant('mention'), text, mentioned: fc.constant(recipient) }),
  );
  fc.assert(
    fc.property(text, fc.array(entity), (said, entities) => {
      const left = messageText({ text: said, entities, recipient });
      assert.doesNotMatch(left, /<at>VPP Sync<\/at>/);
      cleanText(left);
    }),
  );
});
