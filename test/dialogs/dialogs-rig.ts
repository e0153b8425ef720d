import type { TestContext } from 'node:test';
import { createCommands } from '../../src/commands/index.ts';
import { createSyncAll } from '../../src/commands/sync-all.ts';
import { createAnswerPlan } from '../../src/dialogs/answer-plan.ts';
import { createChoose } from '../../src/dialogs/choose.ts';
import { createContinue } from '../../src/dialogs/continue.ts';
import { dropAllWaiting } from '../../src/dialogs/drop-waiting.ts';
import { createFindToken } from '../../src/dialogs/find-token.ts';
import { createMessage } from '../../src/dialogs/message.ts';
import { createPress } from '../../src/dialogs/press.ts';
import { createPressHandlers } from '../../src/dialogs/press-handlers.ts';
import { createRun } from '../../src/dialogs/run-command.ts';
import { createSignIn } from '../../src/dialogs/sign-in.ts';
import type { DelegatedGraph } from '../../src/graph/client.ts';
import { GraphError, type GraphErrorReason } from '../../src/graph/errors.ts';
import type { VppToken } from '../../src/graph/vpp-token.ts';
import type { ExchangeFailure } from '../../src/identity/session.ts';
import { createSessions } from '../../src/identity/sessions.ts';
import { createSignInCodes } from '../../src/identity/sign-in-codes.ts';
import { createPressRecords } from '../../src/store/press-records.ts';
import { createRenewalMarks } from '../../src/store/renewal-marks.ts';
import { createSignInRequests } from '../../src/store/sign-in-requests.ts';
import { createSyncHistory } from '../../src/store/sync-history.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createPlanSyncs } from '../../src/sync/plan-syncs.ts';
import { createPlanViews } from '../../src/sync/plan-view.ts';
import { createStartSync } from '../../src/sync/start-sync.ts';
import { createTokenViews } from '../../src/sync/token-view.ts';
import type { Person, Reply } from '../../src/turn.ts';
import { noLicenses } from '../sync/runs.ts';
import { createLines, openStore, personOf, sessionOf, tokenOf } from './turns.ts';

/** Whose assertion it is; the exchange takes it from them alone. */
export const assertionOf = (person: Person) => `assertion of ${person.name}`;

/** Every dialog over the real store, joined as the bot joins them; Graph and Entra are played, time stands still. */
export async function createDialogs(t: TestContext) {
  const db = await openStore(t);
  const clock = { now: 1_000_000 };
  const now = () => clock.now;
  const { lines, log } = createLines();
  const records = createPressRecords(db);
  const requests = createSignInRequests(db);
  const runs = createSyncRuns<VppToken>(db);
  const sessions = createSessions({ now });
  const codes = createSignInCodes({ requests, now });
  const exchanged: string[] = [];
  const failures = new Map<string, ExchangeFailure>();
  const signIn = createSignIn({
    requests,
    async exchange(person, assertion) {
      exchanged.push(assertion);
      const failure = failures.get(assertion);
      if (failure) return { ok: false, failure };
      const whose = [personOf('ada'), personOf('elif')].find((each) => assertion === assertionOf(each));
      if (whose?.aadObjectId !== person.aadObjectId)
        return { ok: false, failure: { reason: 'assertionRejected', detail: 'oid is another person’s' } };
      const session = sessionOf(whose);
      sessions.put(person, session);
      return { ok: true, session };
    },
    takeCode: codes.take,
    now,
    log,
  });

  const tenant = { tokens: [tokenOf('token-1', { organizationName: 'Adatum' })] as VppToken[] };
  const posts: string[] = [];
  const refusals = new Map<string, GraphError>();
  const createGraph = ({ person }: { readonly person: Person }): DelegatedGraph => {
    const check = () => {
      const refusal = refusals.get(person.name);
      if (refusal) throw refusal;
    };
    return {
      async get(path) {
        check();
        const found = tenant.tokens.find(({ id }) => path.endsWith(`/${id}`));
        if (!found) throw new GraphError('notFound', { clientRequestId: 'c', status: 404 });
        return { ...found };
      },
      async listPages() {
        check();
        return tenant.tokens;
      },
      async post(path) {
        check();
        posts.push(`${person.name}: ${path.split('/').at(-2)}`);
      },
    };
  };
  const run = createRun({ sessions, signIn, createGraph, log });
  const choose = createChoose({ records, now });
  const findToken = createFindToken({ choose, beta: false });
  const views = createTokenViews({ records, now });
  const startSync = createStartSync({ runs, licenses: noLicenses, now, cooldownMs: 0, beta: false });
  const follower = { follow() {}, resume: async () => {}, stop: async () => {} };
  const status = { findToken, views, runs, beta: false };
  const forget = async (person: Person) => {
    sessions.forget(person);
    await dropAllWaiting({ requests, now }, person);
  };
  const history = { findToken, history: createSyncHistory(db), beta: false, now };
  const listing = { list: { beta: false }, licenses: { findToken, beta: false } };
  const renewal = { findToken, marks: createRenewalMarks(db), beta: false };
  const begun: (readonly string[])[] = [];
  const syncAll = createSyncAll({
    planSyncs: createPlanSyncs({ runs, now, cooldownMs: 0, beta: false }),
    planViews: createPlanViews({ records, now }),
    runner: {
      async begin({ person }, tokens) {
        begun.push([person.name, ...tokens.map(({ id }) => id)]);
        return { kind: 'card', card: { type: 'AdaptiveCard', version: '1.5' }, summary: 'begun' };
      },
    },
  });
  const whoami = { findOwn: () => undefined, deadlineMs: 100 };
  const doctor = { checks: [], deadlineMs: 100, log };
  const commands = createCommands({
    sync: { findToken, startSync, follower, views, all: syncAll },
    status,
    history,
    whoami,
    doctor,
    forget,
    ...listing,
    renewal,
  });
  const continuing = createContinue({ requests, sessions, signIn, run, commands, now });
  const handlers = createPressHandlers({ commands, status, syncAll });
  const answerPlan = createAnswerPlan({ records, run, commands, syncAll, now });
  return {
    ...{ clock, lines, records, requests, runs, sessions, codes, exchanged, failures, signIn, choose, commands },
    ...{ begun, tenant, posts, continuing },
    message: createMessage({
      commands,
      run,
      choose,
      answerPlan,
      signIn,
      resume: continuing.resume,
      records,
      requests,
      now,
    }),
    press: createPress({ records, sessions, signIn, run, handlers, now }),
    signInAs(person: Person) {
      sessions.put(person, sessionOf(person));
    },
    /** Graph refuses everything to a person from now on; nothing is given to allow it again. */
    refuse(person: Person, reason?: GraphErrorReason, facts: { readonly claims?: string } = {}) {
      if (reason) refusals.set(person.name, new GraphError(reason, { clientRequestId: 'c', ...facts }));
      else refusals.delete(person.name);
    },
  };
}

/** The id that a card's buttons carry. */
export function idOn(reply: Reply): string {
  const ids = 'card' in reply ? dataIn(reply.card) : [];
  const [id] = ids;
  if (id === undefined) throw new Error(`No button on ${JSON.stringify(reply)}`);
  return id;
}

function dataIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(dataIn);
  if (typeof node !== 'object' || node === null) return [];
  const { type, data } = node as { type?: unknown; data?: { id?: unknown } };
  const own = type === 'Action.Execute' && typeof data?.id === 'string' ? [data.id] : [];
  return [...own, ...Object.values(node).flatMap(dataIn)];
}

/** Everything a reply says, in one line. */
export function wordsOf(reply: Reply | { readonly kind: string; readonly text?: string }): string {
  if ('card' in reply) return JSON.stringify(reply.card);
  return 'text' in reply ? (reply.text ?? '') : '';
}
