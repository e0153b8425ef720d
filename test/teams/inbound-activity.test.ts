import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findConversation, findPerson, type InboundActivity } from '../../src/teams/activity.ts';

const activity: InboundActivity = {
  type: 'message',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  from: { id: '29:ada', aadObjectId: 'ADA', name: 'Ada' },
  recipient: { id: '28:bot', name: 'VPP Sync' },
  conversation: { id: 'a:1', tenantId: 'TENANT', conversationType: 'personal' },
};
const kindOf = (conversation: NonNullable<InboundActivity['conversation']>) =>
  findConversation({ ...activity, conversation: { tenantId: 't', ...conversation } })?.kind;

suite('the kind of a conversation', () => {
  test('is what Teams calls it', () => {
    for (const kind of ['personal', 'groupChat', 'channel']) {
      assert.equal(kindOf({ id: '19:x@thread.v2', conversationType: kind }), kind);
    }
  });

  test('is told by its id when Teams does not say it, or in a word that nobody knows or every object has', () => {
    for (const conversationType of [undefined, '', 'meeting', 'Personal', '__proto__', 'constructor', 'toString']) {
      const told = conversationType === undefined ? {} : { conversationType };
      assert.equal(kindOf({ id: 'a:1', ...told }), 'personal', conversationType);
      assert.equal(kindOf({ id: '19:x@thread.v2', ...told }), 'groupChat', conversationType);
      assert.equal(kindOf({ id: '19:x@thread.tacv2;messageid=1', ...told }), 'channel', conversationType);
    }
  });
});

test('ids of Entra are lower case, and names lose what a message or a store could not take', () => {
  const from = { id: '29:ada', aadObjectId: 'ADA', name: 'A\0da\ud800 \n Lindqvist' };
  const person = findPerson({ ...activity, from });
  assert.deepEqual(person, {
    tenantId: 'tenant',
    aadObjectId: 'ada',
    teamsId: '29:ada',
    name: 'A da\ufffd   Lindqvist',
  });
  assert.equal(findConversation({ ...activity, recipient: { id: 'b', name: '\ud800' } })?.bot.name, '\ufffd');
});

test('who or where is not said is nobody and nowhere', () => {
  for (const from of [undefined, {}, { id: '29:a' }, { aadObjectId: 'a' }, { id: '', aadObjectId: 'a' }]) {
    assert.equal(findPerson({ ...activity, ...(from ? { from } : { from: {} }) }), undefined);
  }
  assert.equal(findConversation({ ...activity, recipient: {} }), undefined);
  assert.equal(findConversation({ ...activity, conversation: { id: 'a:1' } }), undefined);
});
