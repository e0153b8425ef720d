import assert from 'node:assert/strict';
import { commands } from '../support/commands.ts';
import { createRandom, type Random } from '../support/random.ts';
import { fuzz } from './campaign.ts';
import { mutatedAnswer, refusal, toResponse } from './graph-says.ts';
import { messageOf, type Person, people, pickPlace } from './people-and-places.ts';
import { createTenant } from './tenant.ts';
import { startTrackedBot } from './tracked-bot.ts';
import { type Seen, secrets } from './whole-bot.ts';

const tracked = await startTrackedBot({ GRAPH_BETA: 'on' });
const { bot } = tracked;
const good = createTenant();
const happened = { answered: 0, wrong: 0, refused: 0, written: 0, signedIn: 0 };

/** People who never sync say the others alone. */
const writing = [
  'sync adatum',
  'sync contoso',
  'sync schule',
  'sync all',
  'sync ade office',
  'sync push',
  'sync office',
  'yes',
  '1',
];
const reading = [
  ...commands
    .filter(({ needs, writes, isOfCards }) => needs === 'graph' && !writes && !isOfCards)
    .map(({ words: [first], takes }) => (takes === 'token' ? `${first} adatum` : first)),
  'alerts on all',
  'alerts on adatum failed',
  'alerts',
  'alerts off',
  'status contoso',
  'list failed',
  'list expiring',
  'licenses contoso low',
  'list push',
  'list ade failed',
  'status push',
  'status ade office',
  'renew push',
  'verify ade office',
  'licenses push',
  'alerts on push',
  'history',
  'whoami',
  'doctor',
  '1',
  'no',
];

let random = createRandom(0);

/** Graph between well and badly, never so that the bot would wait for real time to pass. */
bot.edges.graph = (seen: Seen) => {
  if (random.once(2)) {
    const body = good(seen);
    return body === undefined ? new Response('', { status: 404 }) : Response.json(body);
  }
  if (random.once(3)) {
    happened.refused += 1;
    const said = refusal(random);
    return toResponse({ ...said, headers: { ...said.headers, 'retry-after': random.pick(['0', '999']) } });
  }
  happened.wrong += 1;
  return toResponse(mutatedAnswer(random, seen.url, good(seen)));
};

function nothingWasWrittenUnasked(person: Person): void {
  for (const { method, url, authorization } of tracked.writes()) {
    assert.ok(person.syncs, `${method} ${url} for somebody who never says sync`);
    assert.equal(authorization, `Bearer ${secrets.graphToken}${person.oid}`);
    assert.match(url, /\/(syncLicenses|syncWithAppleDeviceEnrollmentProgram)$/);
    happened.written += 1;
  }
}

fuzz({
  file: 'commands',
  share: 0.02,
  what: 'every command answers whatever Graph says, and writes for nobody who did not ask',
  async one(chance: Random, record) {
    random = chance;
    const person = random.pick(people);
    const said = random.pick(person.syncs ? [...writing, ...reading] : reading);
    const activity = messageOf(person, pickPlace(random, person), said);
    record(`${said}, as ${person.oid}`);
    tracked.begin();
    const { status } = await tracked.post(JSON.stringify(activity), activity);
    assert.equal(status, 200);
    if (await tracked.signIn(person)) happened.signedIn += 1;
    assert.ok(bot.teams.length > 0, 'nothing was answered');
    happened.answered += 1;
    nothingWasWrittenUnasked(person);
  },
  happened: () => happened,
});
