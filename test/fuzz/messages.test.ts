import assert from 'node:assert/strict';
import type { Random } from '../support/random.ts';
import { fuzz } from './campaign.ts';
import { mutate, textOf } from './mutate.ts';
import { type Activity, activityOf, invokeOf, messageOf, type Person, people, pickPlace } from './people-and-places.ts';
import { strangeText, strangeValue } from './strange-values.ts';
import { startTrackedBot } from './tracked-bot.ts';
import { botId, secrets } from './whole-bot.ts';

const tracked = await startTrackedBot();

const alerts = [
  'alerts',
  'alerts on',
  'alerts on all',
  'alerts on adatum expiring failed',
  'alerts off',
  'alerts off adatum',
  '提醒 开启 全部',
  'alerts on all quiet 22:00-07:00 Europe/Berlin',
  'alerts on all no quiet weekly',
  'alerts on quiet 25:99-',
  '提醒 关闭',
  'alerts acknowledge x',
  'alerts snooze x 3',
  'alerts on all zone Mars/Olympus',
  'alerts on "',
  'alert on and and for of',
];
const harmless = [
  ...alerts,
  'help',
  'hi',
  '',
  'list',
  'list failed',
  'status adatum',
  'status vpp contoso',
  'licenses adatum low',
  'renew adatum',
  'verify adatum',
  'history',
  'history adatum',
  'whoami',
  'sign in',
  'sign out',
  'doctor',
  'help sync',
  'thanks',
  '状态 adatum',
  '列表',
  '许可证 adatum',
  '帮助',
  '1',
  '2.',
  'no',
  'yes',
  '好',
  'lst',
  'stauts vpp adatum',
  '?',
  'so what',
];
const syncing = [
  'sync adatum',
  'sync vpp contoso',
  '同步 adatum',
  'sync all',
  'SYNC  VPP  "Adatum"',
  'sync schule',
  'apply',
];

const otherTypes = [
  'messageReaction',
  'event',
  'messageUpdate',
  'typing',
  'trace',
  'INVOKE',
  'Message',
  'messageDelete',
];
const invokes = [
  'adaptiveCard/action',
  'signin/tokenExchange',
  'signin/verifyState',
  'signin/failure',
  'task/fetch',
  'composeExtension/query',
  'fileConsent/invoke',
  'message/submitAction',
  '__proto__',
  'toString',
  '',
];

/** Something that Teams could send. */
function original(random: Random, person: Person): Activity {
  const place = pickPlace(random, person);
  switch (random.below(12)) {
    case 0: {
      const membersAdded = [{ id: random.pick([`28:${botId}`, person.teamsId]) }];
      return activityOf(person, place, { type: 'conversationUpdate', membersAdded });
    }
    case 1: {
      const action = random.pick(['add', 'remove', 'add-upgrade', 'x']);
      return activityOf(person, place, { type: 'installationUpdate', action });
    }
    case 2:
      return activityOf(person, place, { type: random.pick(otherTypes), text: 'sync adatum' });
    case 3:
    case 4: {
      const value = random.pick([
        strangeValue(random),
        { state: strangeValue(random) },
        { code: strangeValue(random) },
        { id: strangeText(random), token: strangeText(random) },
      ]);
      return invokeOf(person, place, random.pick(invokes), value);
    }
    case 5:
      return messageOf(person, place, strangeText(random));
    default:
      return messageOf(person, place, random.pick(person.syncs ? [...syncing, ...harmless] : harmless));
  }
}

const happened = { answered: 0, malformed: 0, forbidden: 0, signedIn: 0, written: 0 };

/** Fails when Graph was written to with another's token than theirs who spoke, or for somebody who never says sync. */
function nothingWasWrittenUnasked(person: Person): void {
  for (const { method, authorization, url } of tracked.writes()) {
    const isTheirs = authorization === `Bearer ${secrets.graphToken}${person.oid}`;
    assert.ok(person.syncs && isTheirs, `${method} ${url} with ${authorization} after ${person.oid} had spoken`);
    happened.written += 1;
    assert.match(url, /\/v1\.0\/deviceAppManagement\/vppTokens\/[\da-f-]{36}\/syncLicenses$/);
  }
}

fuzz({
  file: 'messages',
  share: 0.1,
  what: 'activities, signed and strange, are answered, tell nothing, and write nothing that nobody asked for',
  async one(random, record) {
    const person = random.pick(people);
    const plain = original(random, person);
    const activity = (random.once(6) ? plain : mutate(random, plain)) as Activity | undefined;
    const text = textOf(random, activity);
    record(text);
    tracked.begin();
    const { status } = await tracked.post(text, activity);
    if (status === 200) happened.answered += 1;
    if (status === 400) happened.malformed += 1;
    if (status === 403) happened.forbidden += 1;
    if (!random.once(3) && (await tracked.signIn(person))) happened.signedIn += 1;
    nothingWasWrittenUnasked(person);
  },
  happened: () => happened,
});
