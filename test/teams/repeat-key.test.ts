import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type InboundActivity, repeatKey } from '../../src/teams/activity.ts';

const press: InboundActivity = {
  type: 'invoke',
  name: 'adaptiveCard/action',
  id: 'f:1',
  conversation: { id: 'a:1' },
  value: { action: { verb: 'sync/now' } },
};

test('the same activity has the same key, whatever else is sent with it', () => {
  assert.equal(repeatKey({ ...press }), repeatKey(press));
  assert.equal(repeatKey({ ...press, text: 'x', locale: 'zh' }), repeatKey(press));
});

test('another id, conversation, type or proof makes it another activity', () => {
  const others: InboundActivity[] = [
    { ...press, id: 'f:2' },
    { ...press, conversation: { id: 'a:2' } },
    { ...press, type: 'message' },
    { ...press, value: { authentication: { token: 't' } } },
    { ...press, value: { state: 'code' } },
    { ...press, id: '1', conversation: { id: 'a:1f:' } },
  ];
  const keys = [press, ...others].map(repeatKey);
  assert.equal(new Set(keys).size, keys.length);
});

test('the key holds neither the proof nor the ids', () => {
  const value = { authentication: { token: 'canary-of-the-assertion' } };
  const key = repeatKey({ ...press, value });
  assert.match(key ?? '', /^[\w-]{43}$/);
});

test('what has no id cannot be told from another', () => {
  assert.equal(repeatKey({ type: 'message', conversation: { id: 'a:1' } }), undefined);
  assert.equal(repeatKey({ type: 'message', id: '1' }), undefined);
  assert.equal(repeatKey({ type: 'message', id: '1', conversation: {} }), undefined);
});

test('a value of any form is no obstacle', () => {
  for (const value of [null, 5, 'x', []]) assert.equal(repeatKey({ ...press, value }), repeatKey(press));
});
