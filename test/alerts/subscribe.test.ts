import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chosenConditions } from '../../src/domain/alert.ts';
import {
  type AlertSubscription,
  type SubscriptionRequest,
  subscribe,
  visibleTokensOf,
} from '../../src/domain/subscription.ts';
import { personOf, tenantId, tokenOf } from '../dialogs/turns.ts';

const everyId = ['1', '2', '3', '4'];
const token = (id: string) => tokenOf(id);
const seen = everyId.map((id) => ({ token: token(id) }));

const ids = fc.subarray(everyId, { minLength: 1 });
const step = ids.chain((visible) =>
  fc.record({
    who: fc.constantFrom('ada' as const, 'elif' as const),
    visible: fc.constant(visible),
    looked: fc.boolean(),
    wish: fc.record<SubscriptionRequest>(
      {
        target: fc.oneof(
          fc.constant('all' as const),
          fc.constantFrom(...visible).map((tokenId) => ({ tokenId })),
        ),
        events: fc.subarray([...chosenConditions], { minLength: 1 }),
        quiet: fc.constantFrom('off' as const, { from: 60, to: 120 }),
        timeZone: fc.constant('Europe/Berlin'),
        weekly: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  }),
);

test('whatever is asked in whatever order, nobody subscribes to what they do not see, nor takes from others what they do not see', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let stored: AlertSubscription | undefined;
      for (const { who, visible, looked, wish } of steps) {
        const person = personOf(who);
        const sight = visibleTokensOf(visible.map(token), looked ? seen : []);
        const by = { person, tenantId, conversationId: 'c', isPersonal: false, locale: 'en' as const, sight };
        const before = stored;
        const subscribed = subscribe(wish, by, before, { now: 0, newId: () => 'id' });
        if (subscribed.kind === 'leftAlone') {
          assert.notEqual(before?.owner.aadObjectId, person.aadObjectId);
          continue;
        }
        const { subscription } = subscribed;
        stored = subscription;
        const covered = subscription.scope === 'all' ? everyId : subscription.scope;
        const old = before === undefined ? [] : before.scope === 'all' ? everyId : before.scope;
        for (const id of covered) assert.ok(visible.includes(id) || old.includes(id), `${id} was added unseen`);
        if (subscription.scope === 'all' && before?.scope !== 'all') assert.ok(looked && visible.length === 4);
        assert.ok(covered.length > 0);
        assert.equal(subscription.weeklyAt, undefined);
        const isOthers = before && before.owner.aadObjectId !== person.aadObjectId;
        if (isOthers && looked)
          for (const id of old) assert.ok(covered.includes(id) || visible.includes(id), `${id} was lost`);
        if (wish.events) assert.deepEqual(subscription.events, wish.events);
      }
    }),
    { numRuns: 2000 },
  );
});
