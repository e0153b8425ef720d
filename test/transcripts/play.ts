import assert from 'node:assert/strict';
import type { SandboxPerson } from '../../sandbox/contract.ts';
import type { TeamsConversation } from '../../sandbox/teams/conversations.ts';
import type { TeamsMessage } from '../../sandbox/teams/timeline.ts';
import { tokenIdOf } from '../support/messages.ts';
import { buttonOn, type Rehearsal, startRehearsal, wordsOf } from '../support/rehearsal.ts';

/**
 * Replays a conversation written as text. Each line is one step:
 *   # anything                      a comment; the first is the title
 *   with monitoring                 the tenant is read every second; comes before all else
 *   Adatum expires | is renewed     somebody does that to a token in Intune
 *   in personal | group | channel   where it goes on; in group and channel the bot is mentioned by itself
 *   sso off ada                     her client does not sign in silently from here on
 *   ada: sync vpp contoso           somebody says something
 *   ada presses Sync now            on the newest message with such a button; `ada presses Sync now choosing 2` fills the choice
 *   > words … more words            the bot's newest message, new or edited since, comes to hold these words in this order
 *   toast: words                    the last press was answered with these words, for the presser alone
 *   > -                             nothing came since the last step
 */
export async function play(lines: readonly string[]): Promise<void> {
  const isMonitored = lines.includes(monitoring);
  const monitor = isMonitored ? { MONITOR: 'on', MONITOR_INTERVAL_S: '1' } : {};
  const rehearsal = await startRehearsal({ env: { SYNC_COOLDOWN_S: '0', GRAPH_BETA: 'on', ...monitor } });
  const stage = new Stage(rehearsal);
  for (const [index, line] of lines.entries()) {
    const step = line.trim();
    if (step === '' || step.startsWith('#') || step === monitoring) continue;
    try {
      await stage.take(step);
    } catch (error) {
      throw new Error(`line ${index + 1}: ${step}\n${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
}

const monitoring = 'with monitoring';

class Stage {
  readonly #rehearsal: Rehearsal;
  #place = 'personal';
  #speaker: SandboxPerson;
  #thread: string | undefined;
  #seen = new Map<string, number>();
  #toast = '';

  constructor(rehearsal: Rehearsal) {
    this.#rehearsal = rehearsal;
    this.#speaker = rehearsal.sandbox.person('ada');
  }

  async take(step: string): Promise<void> {
    const place = /^in (personal|group|channel)$/.exec(step);
    const sso = /^sso (off|silent|failing) (\w+)$/.exec(step);
    const press = /^(\w+) presses (.+?)(?: choosing (\d+))?$/.exec(step);
    const said = /^(\w+): (.*)$/.exec(step);
    const done = /^(.+) (expires|is renewed)$/.exec(step);
    if (step.startsWith('> ')) await this.#expect(step.slice(2));
    else if (step.startsWith('toast: '))
      assert.ok(holds(this.#toast, step.slice(7)), `the presser saw: ${this.#toast}`);
    // Before all that reads any words: people may say “expires”.
    else if (said) await this.#say(this.#person(said[1]), said[2] ?? '');
    else if (place) this.#go(place[1] ?? '');
    else if (sso) this.#rehearsal.sandbox.client.setSso(this.#person(sso[2]), sso[1] as 'off');
    else if (press) await this.#press(this.#person(press[1]), press[2] ?? '', press[3]);
    else if (done) this.#change(tokenIdOf(this.#rehearsal, done[1] ?? ''), done[2] ?? '');
    else throw new Error('This is no step.');
  }

  #go(place: string): void {
    this.#place = place;
    this.#thread = undefined;
  }

  #change(tokenId: string, what: string): void {
    const { controls } = this.#rehearsal.sandbox.graph;
    this.#look();
    if (what === 'expires') controls.expireToken(tokenId);
    else controls.renewToken(tokenId);
  }

  #person(key = ''): SandboxPerson {
    return this.#rehearsal.sandbox.person(key);
  }

  #conversation(): TeamsConversation {
    const { conversations } = this.#rehearsal.sandbox;
    if (this.#place === 'group') return conversations.group;
    return this.#place === 'channel' ? conversations.channel : conversations.personal(this.#speaker);
  }

  #bots(): TeamsMessage[] {
    return this.#rehearsal.answers(this.#conversation());
  }

  /** Messages that are there now do not count for the steps that follow. */
  #look(): void {
    this.#seen = new Map(this.#bots().map((message) => [message.id, message.versions.length]));
  }

  async #say(person: SandboxPerson, text: string): Promise<void> {
    this.#speaker = person;
    this.#look();
    const replyToThread = this.#place === 'channel' ? this.#thread : undefined;
    const { message } = await this.#rehearsal.sandbox.client.say(person, this.#conversation(), text, {
      mention: true,
      ...(replyToThread && { replyToThread }),
    });
    this.#thread ??= message.rootId;
  }

  async #press(person: SandboxPerson, title: string, choice?: string): Promise<void> {
    const message = this.#bots().findLast((each) => hasButton(each, title));
    assert.ok(message, `no message has a button titled ${title}`);
    const conversation = this.#conversation();
    this.#look();
    const inputs = choice === undefined ? {} : { choice };
    const result = await this.#rehearsal.sandbox.client.press(
      person,
      conversation,
      message.id,
      buttonOn(message, title),
      inputs,
    );
    assert.equal(result.problem, undefined);
    this.#toast = result.text ?? '';
    if (result.signInOffered)
      await this.#rehearsal.sandbox.client.signInThroughButton(person, conversation, message.id);
  }

  async #expect(words: string): Promise<void> {
    const { client } = this.#rehearsal.sandbox;
    const news = () => this.#bots().filter((message) => message.versions.length > (this.#seen.get(message.id) ?? 0));
    if (words === '-') {
      assert.deepEqual(
        news().map((message) => wordsOf(message)),
        [],
      );
      return;
    }
    try {
      await client.waitFor(() => news().some((message) => holds(wordsOf(message), words)), 8_000, words);
    } catch {
      const came = news().map((message) => `- ${wordsOf(message)}`);
      throw new Error(`the bot said:\n${came.join('\n') || '- nothing'}`);
    }
  }
}

function hasButton(message: TeamsMessage, title: string): boolean {
  try {
    return buttonOn(message, title) !== undefined;
  } catch {
    return false;
  }
}

function holds(text: string, words: string): boolean {
  let from = 0;
  for (const part of words.split(' … ')) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}
