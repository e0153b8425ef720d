import assert from 'node:assert/strict';
import { conversationRoot } from '../../src/domain/turn.ts';
import type { Random } from '../support/random.ts';
import { fuzz } from './campaign.ts';
import { mutate, textOf } from './mutate.ts';
import { invokeOf, messageOf, type Person, people, pickPlace } from './people-and-places.ts';
import type { Button } from './sent-cards.ts';
import { strangeText, strangeValue } from './strange-values.ts';
import { startTrackedBot } from './tracked-bot.ts';
import { secrets } from './whole-bot.ts';

const tracked = await startTrackedBot();

/** A button that the bot sent, with its conversation and who asked for its card. */
interface Known extends Button {
  readonly conversationId: string;
  readonly asker: Person;
}

let known: Known[] = [];
const signIns = new Map<string, Person>();
/** Single-use buttons that have written. */
const written = new Set<string>();
const mostKnown = 60;

const asking = [
  'status adatum',
  'sync contoso',
  'sync all',
  'sync adatum',
  'renew contoso',
  'licenses contoso',
  'history adatum',
  'status contoso',
  'status schule',
  'status contosso',
  'alerts',
  'alerts on',
  'alerts settings',
  'alerts open',
  'sign out',
];
const verbs = [
  'sync/start',
  'sync/choose',
  'syncAll/apply',
  'dialog/cancel',
  'status/refresh',
  'status/choose',
  'licenses/show',
  'renew/show',
  'renew/start',
  'renew/check',
  'renew/remind',
  'history/show',
  'list/next',
  'list/previous',
  'list/failed',
  'list/open',
  'history/open',
  'licenses/low',
  'batch/retry',
  'batch/list',
  'batch/history',
  'signIn/continue',
  'alert/sync',
  'alert/renew',
  'alert/acknowledge',
  'alert/snooze',
  'choice/next',
  'choice/previous',
  'openAlerts/show',
  'openAlerts/open',
  'openAlerts/next',
  'openAlerts/snooze',
  'alertSettings/show',
  'alertSettings/save',
  'alertSettings/cancel',
  '__proto__',
  'constructor',
  '',
];

/** Says something that brings cards, and remembers their buttons. */
async function gather(random: Random): Promise<void> {
  const asker = random.pick(people);
  const said = messageOf(asker, pickPlace(random, asker), random.pick(asking));
  await tracked.post(JSON.stringify(said), said);
  for (let time = 0; time < 2 && !random.once(3) && (await tracked.signIn(asker)); time += 1);
  remember(asker);
}

function remember(asker: Person): void {
  for (const { conversationId, buttons, signIns: asked } of tracked.sentCards()) {
    for (const id of asked) signIns.set(id, asker);
    for (const button of buttons) known.push({ ...button, conversationId, asker });
  }
  known = known.slice(-mostKnown);
  for (const id of [...signIns.keys()].slice(0, -mostKnown)) signIns.delete(id);
}

async function valueFor(random: Random, { verb, id }: Button, presser: Person): Promise<unknown> {
  const trigger = random.pick(['manual', 'manual', 'manual', 'automatic', undefined, strangeValue(random)]);
  const number = random.pick(['1', '2', '0', '16', strangeText(random)]);
  const inputs = random.pick([{}, { choice: number }, { which: number, days: number }, settingsFor(random)]);
  const data = random.once(10) ? id : { id, ...inputs };
  const value = { action: { type: 'Action.Execute', verb, data }, ...(trigger !== undefined && { trigger }) };
  if (random.once(3)) {
    const request = random.pick([...signIns.keys(), strangeText(random)]);
    const token = random.pick([await tracked.bot.assertionOf(presser), strangeText(random)]);
    return { ...value, authentication: { id: request, connectionName: 'vpp-sync', token } };
  }
  return random.once(10) ? { ...value, state: strangeText(random) } : value;
}

/** What a form may send, and what none would. */
function settingsFor(random: Random): Readonly<Record<string, unknown>> {
  const either = (...usual: string[]) => random.pick([...usual, strangeText(random), strangeValue(random)]);
  return {
    tokens: either('all', '1', '1,2', ''),
    add: either('', 'adatum', 'contoso, schule'),
    events: either('expired', 'expiring,licenses'),
    quiet: either('true', 'false'),
    from: either('22:00', ''),
    until: either('07:00', ''),
    zone: either('Europe/Berlin', ''),
    weekly: either('true', 'false'),
  };
}

const writing: ReadonlySet<unknown> = new Set([
  'sync/start',
  'sync/choose',
  'syncAll/apply',
  'alert/sync',
  'signIn/continue',
]);

/** True when this press, as it was sent, may write: a button of that kind, by hand, in its conversation, by who may press it. */
function mayWrite(value: unknown, presser: Person, conversationId: string): Known | undefined {
  const { action, trigger } = Object(value) as { action?: unknown; trigger?: unknown };
  const { verb, data } = Object(action) as { verb?: unknown; data?: unknown };
  const id = typeof data === 'string' ? data : (Object(data) as { id?: unknown }).id;
  if (!writing.has(verb) || (trigger !== undefined && trigger !== 'manual')) return undefined;
  return known.find(
    (button) =>
      button.id === id &&
      conversationRoot(button.conversationId) === conversationRoot(conversationId) &&
      (verb === 'sync/start' || verb === 'alert/sync' || button.asker === presser),
  );
}

const happened = { written: 0, drawn: 0, askedToSignIn: 0, refused: 0 };

fuzz({
  file: 'presses',
  share: 0.06,
  what: 'presses of any verb, id, input, trigger and proof are answered, and write only where a person pressed by hand',
  async one(random, record) {
    tracked.begin();
    for (let isDue = random.once(12); isDue || known.length === 0; isDue = false) {
      await gather(random);
      tracked.begin();
    }
    const presser = random.pick(people);
    const button = random.once(8)
      ? { verb: random.pick(verbs), id: strangeText(random) }
      : { ...random.pick(known), ...(random.once(4) && { verb: random.pick(verbs) }) };
    const place = pickPlace(random, presser);
    const where = 'conversationId' in button && !random.once(6) ? { ...place, id: button.conversationId } : place;
    const plain = await valueFor(random, button, presser);
    const value = random.once(2) ? plain : mutate(random, plain);
    const isSearch = random.once(12);
    const search = {
      kind: 'search',
      queryText: strangeText(random),
      dataset: random.pick([button.id, strangeText(random)]),
    };
    const activity = isSearch
      ? invokeOf(presser, where, 'application/search', search)
      : invokeOf(presser, where, 'adaptiveCard/action', value, '1700000000001');
    const text = random.once(3) ? textOf(random, activity) : JSON.stringify(activity);
    record(text);
    const answer = await tracked.post(text, activity);
    count(answer.text);
    const writes = tracked.writes();
    const cause = isSearch ? undefined : mayWrite(value, presser, where.id);
    for (const { method, url, authorization } of writes) {
      assert.ok(cause, `${method} ${url} was not pressed for`);
      assert.equal(authorization, `Bearer ${secrets.graphToken}${presser.oid}`);
    }
    if (writes.length > 0 && cause) {
      assert.ok(!written.has(cause.id), 'a button wrote twice');
      written.add(cause.id);
      happened.written += 1;
    }
    remember(presser);
  },
  happened: () => happened,
});

function count(answered: string): void {
  if (answered.includes('card.adaptive')) happened.drawn += 1;
  else if (answered.includes('loginRequest')) happened.askedToSignIn += 1;
  else if (answered.includes('activity.message')) happened.refused += 1;
}
