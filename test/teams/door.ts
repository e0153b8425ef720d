import assert from 'node:assert/strict';
import type { SandboxPerson } from '../../sandbox/contract.ts';
import type { WireActivity } from '../../sandbox/teams/activities.ts';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import type { DeliveryOverrides } from '../../sandbox/teams/delivery.ts';
import type { Rehearsal } from '../support/rehearsal.ts';

export type Changes = Readonly<Record<string, unknown>>;

/** A way to knock at a rehearsal's bot as Teams does, or as somebody else does. */
export function createDoor({ sandbox }: Rehearsal) {
  const ada = sandbox.person('ada');
  const chat = sandbox.conversations.personal(ada);
  let lastId = 0;

  function messageFrom(person: SandboxPerson, conversation: TeamsConversation, changes: Changes = {}): WireActivity {
    lastId += 1;
    const parts = { id: `knock-${lastId}`, conversationId: conversation.id, text: 'help', mention: false };
    return { ...sandbox.client.activities.message(person, conversation, parts), ...changes };
  }

  async function quiet(): Promise<void> {
    await sandbox.client.idle();
    await new Promise(setImmediate);
  }

  return {
    ada,
    chat,
    /** A message of Ada's, with parts of it replaced. */
    message: (changes?: Changes) => messageFrom(ada, chat, changes),
    messageFrom,
    send: (activity: WireActivity, overrides?: DeliveryOverrides) => sandbox.connector.deliver(activity, overrides),

    /** Fails unless the bot refuses with this status, tells nothing, and sends nothing anywhere. */
    async isRefused(status: number, activity: WireActivity, overrides?: DeliveryOverrides): Promise<void> {
      await quiet();
      const [sent, asked] = [sandbox.connector.requests.length, sandbox.entra.requests.length];
      const outcome = await sandbox.connector.deliver(activity, overrides);
      assert.deepEqual({ status: outcome.status, body: outcome.body }, { status, body: '' });
      await quiet();
      assert.equal(sandbox.connector.requests.length, sent, 'something was sent to Teams');
      assert.equal(sandbox.entra.requests.length, asked, 'Entra was asked');
    },

    /** Fails unless the bot takes it, and answers in the chat. */
    async isAnswered(activity: WireActivity, overrides?: DeliveryOverrides): Promise<void> {
      const before = sandbox.connector.requests.length;
      const outcome = await sandbox.connector.deliver(activity, overrides);
      assert.equal(outcome.status, 200, JSON.stringify(outcome));
      assert.ok(sandbox.connector.requests.length > before, 'nothing was answered');
    },
  };
}
