import assert from 'node:assert/strict';
import { explainError, refuse } from '../../src/cards/refusal.ts';
import { GraphError } from '../../src/domain/graph.ts';
import type { VppApp } from '../../src/domain/licenses.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { createDelegatedGraph } from '../../src/graph/client.ts';
import { getVppToken, listVppApps, listVppTokens, syncLicenses } from '../../src/graph/vpp.ts';
import type { Random } from '../support/random.ts';
import { createLines, createRuntime } from '../support/runtime.ts';
import { turnOf } from '../support/turns.ts';
import { fuzz } from './campaign.ts';
import { drawSomething } from './draw-everything.ts';
import { mutatedAnswer, refusal, type Said, toResponse } from './graph-says.ts';
import { appRows, tokenRows } from './tenant.ts';
import { holdsNoSecret, isGoodCard } from './what-holds.ts';
import { secrets } from './whole-bot.ts';

const id = String(tokenRows[0]?.id);
/** Computing time, without what else the machine does. A case takes one or two milliseconds. */
const longestMs = 1_500;
const happened = { read: 0, drawn: 0, refused: 0, repeated: 0, lost: 0 };

/** A client whose Graph answers out of this chance, and whose waiting takes no time. */
function graphOf(random: Random, record: (input: string) => void) {
  let clock = Date.UTC(2026, 10, 23, 9);
  const recorded: string[] = [];
  const logged: string[] = [];
  let posts = 0;
  const fetching = async (input: unknown, init?: RequestInit): Promise<Response> => {
    const url = String(input);
    assert.match(url, /^https:\/\/graph\.microsoft\.com\/(?:v1\.0|beta)\/deviceAppManagement\//);
    if (init?.method === 'POST') posts += 1;
    if (random.once(30)) return lose(random);
    const said = answerTo(random, url);
    recorded.push(`${said.status} ${JSON.stringify(said.headers)} ${said.body.slice(0, 1_200)}`);
    record(recorded.join('\n'));
    return toResponse(said);
  };
  const note = (fields: object) => void logged.push(JSON.stringify(fields));
  const graph = createDelegatedGraph({
    baseUrl: 'https://graph.microsoft.com',
    getToken: async () => `${secrets.graphToken}ada`,
    fetch: fetching,
    runtime: createRuntime({
      now: () => clock,
      async wait(ms) {
        happened.repeated += 1;
        clock += ms;
      },
      log: { ...createLines().log, warn: note },
    }),
  });
  return { graph, logged, posts: () => posts };
}

function lose(random: Random): never {
  happened.lost += 1;
  const code = random.pick(['ECONNRESET', 'ECONNREFUSED', 'UND_ERR_SOCKET', 'EAI_AGAIN', '<b>', 5]);
  throw new TypeError(`fetch failed ${secrets.graphToken}`, { cause: Object.assign(new Error('x'), { code }) });
}

function answerTo(random: Random, url: string): Said {
  if (random.once(3)) return refusal(random);
  if (url.includes('/mobileApps')) return mutatedAnswer(random, url, { value: appRows });
  const isOne = /\/vppTokens\/[^/?]+/.test(url);
  return mutatedAnswer(random, url, isOne ? tokenRows[0] : { value: tokenRows });
}

/** The value, or undefined when Graph refused in a way that can be explained. Anything else thrown is a fault of ours. */
async function read<T>(random: Random, asked: Promise<T>): Promise<T | undefined> {
  try {
    const value = await asked;
    happened.read += 1;
    return value;
  } catch (error) {
    assert.ok(error instanceof GraphError, String(error instanceof Error ? error.stack : error));
    happened.refused += 1;
    const turn = turnOf({ locale: random.pick(['en', 'zh-CN']) });
    const { card, text } = refuse(turn, explainError(turn, error));
    isGoodCard(card);
    holdsNoSecret('an explanation', `${JSON.stringify(card)} ${text} ${JSON.stringify(error)} ${error.message}`);
    return undefined;
  }
}

fuzz({
  file: 'graph-answers',
  share: 0.22,
  what: 'whatever Graph answers is read or explained, in time, on good cards, and repeats no write',
  async one(random, record) {
    const { graph, logged, posts } = graphOf(random, record);
    const startedAt = process.cpuUsage();
    let tokens: readonly VppToken[] = [];
    let apps: readonly VppApp[] = [];
    const beta = random.once(2);
    switch (random.below(5)) {
      case 0: {
        const token = await read(random, getVppToken(graph, id, { beta }));
        tokens = token ? [token] : [];
        break;
      }
      case 1: {
        const token = await read(random, syncLicenses(graph, id));
        tokens = token ? [token] : [];
        assert.ok(posts() <= 4, `${posts()} POSTs`);
        break;
      }
      case 2:
        tokens = (await read(random, listVppTokens(graph, { beta }))) ?? [];
        apps = (await read(random, listVppApps(graph, { beta }))) ?? [];
        break;
      default:
        tokens = (await read(random, listVppTokens(graph, { beta }))) ?? [];
    }
    if (tokens.length > 0 && random.once(2)) {
      drawSomething(random, tokens, apps);
      happened.drawn += 1;
    }
    for (const line of logged) holdsNoSecret('the log', line);
    const { user, system } = process.cpuUsage(startedAt);
    const tookMs = (user + system) / 1000;
    assert.ok(tookMs < longestMs, `it took ${Math.round(tookMs)} ms`);
  },
  happened: () => happened,
});
