import type { TestContext } from 'node:test';
import { auditedActs, createActOnAlert } from '../../src/alerts/act-on-alert.ts';
import { createAlertViews } from '../../src/alerts/views.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { createCommands } from '../../src/commands/index.ts';
import { createCardActions } from '../../src/dialogs/card-action.ts';
import { createCardActionHandlers } from '../../src/dialogs/card-action-handlers.ts';
import { createChoose } from '../../src/dialogs/choose.ts';
import { createContinue } from '../../src/dialogs/continue.ts';
import { createFindToken } from '../../src/dialogs/find-token.ts';
import { createAnswerPlan, createMessage, dropAllWaiting } from '../../src/dialogs/message.ts';
import { createRun } from '../../src/dialogs/run-command.ts';
import { createSignIn } from '../../src/dialogs/sign-in.ts';
import type { InAlertTransaction } from '../../src/domain/alert-repositories.ts';
import { type DelegatedGraph, GraphError, type GraphErrorReason } from '../../src/domain/graph.ts';
import type { ExchangeFailure } from '../../src/domain/sign-in-request.ts';
import type { VppToken } from '../../src/domain/token.ts';
import type { Person, Reply } from '../../src/domain/turn.ts';
import { createSessions } from '../../src/identity/sessions.ts';
import { createSignInCodes } from '../../src/identity/sign-in-codes.ts';
import { wait } from '../../src/lib/async.ts';
import { createAlertDeliveries } from '../../src/store/alert-deliveries.ts';
import { createAlertSubscriptions } from '../../src/store/alert-subscriptions.ts';
import { createAlerts, createTokenSnapshots, createWatchedTenants } from '../../src/store/alerts.ts';
import { createAuditHistory } from '../../src/store/audit-history.ts';
import { createCardRecords } from '../../src/store/card-records.ts';
import { inTransaction } from '../../src/store/leases.ts';
import { createSignInRequests } from '../../src/store/sign-in-requests.ts';
import { createRenewalMarks } from '../../src/store/small-tables.ts';
import { createSyncRuns } from '../../src/store/sync-runs.ts';
import { createPlanSyncs, createPlanViews } from '../../src/sync/plan.ts';
import { createStartSync } from '../../src/sync/start-sync.ts';
import { createSyncAll } from '../../src/sync/sync-all.ts';
import { createTokenViews } from '../../src/sync/token-view.ts';
import { logOver } from './audit-chain.ts';
import { noLicenses } from './runs.ts';
import { createLines, createRuntime } from './runtime.ts';
import { openStore, personOf, sessionOf, tenantId, tokenOf } from './turns.ts';

/** Whose assertion it is; the exchange takes it from them alone. */
export const assertionOf = (person: Person) => `assertion of ${person.name}`;

/** Every dialog over the real store, joined as the bot joins them; Graph and Entra are played, time stands still. */
export async function createDialogs(t: TestContext) {
  const db = await openStore(t);
  const clock = { now: 1_000_000 };
  const now = () => clock.now;
  const { lines, log } = createLines();
  const records = createCardRecords(db);
  const requests = createSignInRequests(db);
  const runs = createSyncRuns<VppToken>(db);
  const entries = logOver(db);
  const audit = createAudit({
    entries,
    now,
    log,
    onFailure: () => lines.push({ level: 'count', fields: {}, message: 'x' }),
  });
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
    audit,
    now,
    log,
  });

  const tenant = { tokens: [tokenOf('token-1', { organizationName: 'Adatum' })] as VppToken[] };
  const posts: string[] = [];
  const refusals = new Map<string, GraphError>();
  const hidden = new Map<string, readonly string[]>();
  const createGraph = ({ person }: { readonly person: Person }): DelegatedGraph => {
    const check = () => {
      const refusal = refusals.get(person.name);
      if (refusal) throw refusal;
    };
    const listVisible = () => tenant.tokens.filter(({ id }) => !hidden.get(person.name)?.includes(id));
    return {
      async get(path) {
        check();
        const found = listVisible().find(({ id }) => path.endsWith(`/${id}`));
        if (!found) throw new GraphError('notFound', { clientRequestId: 'c', status: 404 });
        return { ...found };
      },
      async listPages() {
        check();
        return listVisible();
      },
      async post(path) {
        check();
        posts.push(`${person.name}: ${path.split('/').at(-2)}`);
      },
    };
  };
  const run = createRun({ sessions, signIn, createGraph, audit, log });
  const choose = createChoose({ records, now });
  const findToken = createFindToken({ choose, beta: false });
  const views = createTokenViews({ records, now });
  const startSync = createStartSync({ runs, audit, licenses: noLicenses, now, wait, cooldownMs: 0, beta: false });
  const follower = { follow() {}, takeOver: async () => {}, list: () => [], stop: async () => {} };
  const status = { findToken, views, runs, beta: false };
  const forget = async (person: Person) => {
    sessions.forget(person);
    await dropAllWaiting({ requests, now }, person);
  };
  const history = { findToken, history: createAuditHistory(db), beta: false, now };
  const listing = { list: { beta: false }, licenses: { findToken, beta: false } };
  const renewal = { findToken, marks: createRenewalMarks(db), audit, beta: false };
  const begun: (readonly string[])[] = [];
  const syncAll = createSyncAll({
    planSyncs: createPlanSyncs({ runs, now, cooldownMs: 0, beta: false }),
    planViews: createPlanViews({ records, now }),
    audit,
    runner: {
      async begin({ person }, tokens) {
        begun.push([person.name, ...tokens.map(({ id }) => id)]);
        return { kind: 'card', card: { type: 'AdaptiveCard', version: '1.5' }, summary: 'begun' };
      },
    },
  });
  const whoami = { findOwn: () => undefined, deadlineMs: 100 };
  const doctor = { checks: [], deadlineMs: 100, runtime: createRuntime({ now, wait, log }) };
  const book = (within: typeof db) => ({
    alerts: createAlerts(within),
    subscriptions: createAlertSubscriptions(within),
    deliveries: createAlertDeliveries(within),
  });
  const inAlertTransaction: InAlertTransaction = (work) =>
    inTransaction(db, (within) => work({ ...book(within), tenants: createWatchedTenants(within) }));
  const { alerts, subscriptions, deliveries } = book(db);
  const snapshots = createTokenSnapshots(db);
  const woken = { times: 0 };
  const wake = () => {
    woken.times += 1;
  };
  const act = auditedActs(createActOnAlert({ alerts, inAlertTransaction, wake, beta: false }), audit, alerts);
  const alertViews = createAlertViews({ records, now });
  const commands = createCommands({
    sync: { findToken, startSync, follower, views, all: syncAll, audit },
    status,
    history,
    whoami,
    doctor,
    signOut: { forget, audit },
    ...listing,
    renewal,
    alerts: {
      ...{ findToken, choose, inAlertTransaction, wake, act, alerts, subscriptions, snapshots, audit },
      isMonitoring: true,
      beta: false,
    },
  });
  const continuing = createContinue({ requests, sessions, signIn, run, commands, audit, now });
  const handlers = createCardActionHandlers({
    ...{ commands, status, syncAll },
    alerts: { act, subscriptions, audit, views: alertViews },
  });
  const answerPlan = createAnswerPlan({ records, run, commands, syncAll, audit, now });
  return {
    ...{ clock, lines, records, requests, runs, sessions, codes, exchanged, failures, signIn, choose, commands },
    ...{ begun, tenant, posts, continuing, entries },
    ...{ alerts, subscriptions, deliveries, snapshots, alertViews, woken },
    message: createMessage({
      commands,
      run,
      choose,
      answerPlan,
      signIn,
      resume: continuing.resume,
      records,
      requests,
      audit,
      now,
    }),
    press: createCardActions({ records, sessions, signIn, run, audit, handlers, now }),
    /** Scope tags keep these tokens from a person from now on. */
    hide: (person: Person, ids: readonly string[]) => void hidden.set(person.name, ids),
    /** Monitoring has looked, and saw all tokens of the tenant. */
    look: () =>
      snapshots.putAll(tenant.tokens.map((token) => ({ tenantId, token, firstSeenAt: clock.now, seenAt: clock.now }))),
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
