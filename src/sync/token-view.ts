import {
  summaryOfTokenCard,
  type TokenAction,
  type TokenCardData,
  type TokenPhase,
  tokenCard,
  type Untimed,
} from '../cards/token-card.ts';
import type { Alert } from '../domain/alert.ts';
import type { AlertRepositories } from '../domain/alert-repositories.ts';
import type { AlertCardRecord, CardRecords, TokenCardRecord } from '../domain/card-record.ts';
import { traitsOf } from '../domain/connector.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import {
  type Change,
  changesBetween,
  type LicensesShown,
  wasStoppedAsking,
  withKnownNames,
} from '../domain/licenses.ts';
import {
  failedWithoutProgress,
  isLater,
  judge,
  type RunOutcome,
  type SyncRun,
  type SyncRuns,
} from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import {
  type CardReply,
  type ConversationReference,
  conversationRoot,
  isTargeted,
  type Reader,
  type Reply,
} from '../domain/turn.ts';
import { getConnector } from '../graph/connectors.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { dayMs, findInstant } from '../lib/time.ts';

export interface TokenView extends Omit<Reader, 'now'> {
  readonly conversation: ConversationReference;
  readonly token: VppToken;
  readonly phase: TokenPhase;
  readonly requestedBy: string;
  readonly notice?: NonNullable<TokenCardData['notice']>;
  readonly alert?: NonNullable<TokenCardData['alert']>;
  /** Epoch milliseconds; now, unless given. */
  readonly readAt?: number;
}

/** Buttons of a card work for a month after it was drawn; after that they answer that the card is old. */
export const tokenCardExpiresMs = 30 * dayMs;

/** An alert may be open for months without a change, and its buttons must work all that time. */
const alertExpiresMs = 180 * dayMs;

export interface TokenViews {
  /** Draws a token's card and stores the record behind its buttons. Anybody in the conversation may press them, as themselves. */
  draw(view: TokenView, runId?: string): Promise<CardReply>;
  /** Stores the record alone and resolves to its id: for a card that is drawn several times, or by which a quote finds its token. */
  record(view: Pick<TokenView, 'conversation' | 'token'>, runId?: string): Promise<string>;
  drawWith(view: TokenView, recordId: string): CardReply;
  /** Draws a run's card as the run is now, with an alert of a failed sync that is announced by it. */
  drawRun(run: SyncRun, alert: Alert): Promise<CardReply>;
  /** The alert that a run's card shows as well, with the record behind its buttons. */
  findAlert(run: SyncRun): Promise<TokenView['alert']>;
  /** Stores the record behind an alert's buttons; undefined for an alert that has ended: it has none. */
  recordAlert(alert: Alert, conversation: ConversationReference): Promise<string | undefined>;
}

interface TokenViewsParts {
  readonly runtime: Runtime;
  readonly records: CardRecords;
  readonly repositories: AlertRepositories;
}

export function createTokenViews({ runtime, records, repositories }: TokenViewsParts): TokenViews {
  const { now } = runtime;
  const { alerts, subscriptions, messages } = repositories;

  async function shown(alert: Alert, { conversation }: SyncRun): Promise<NonNullable<TokenView['alert']>> {
    const recordId = await views.recordAlert(alert, conversation);
    return { alert, ...(recordId && { recordId }) };
  }

  const views: TokenViews = {
    draw: async (view, runId) => views.drawWith(view, await views.record(view, runId)),
    async record({ conversation, token }, runId) {
      const at = now();
      const id = newOpaqueId();
      await records.add({
        id,
        kind: 'tokenCard',
        conversationId: conversationRoot(conversation.id),
        isTargeted: isTargeted(conversation),
        payload: { tokenId: token.id, ...(runId && { runId }) } satisfies TokenCardRecord,
        createdAt: at,
        expiresAt: at + tokenCardExpiresMs,
      });
      return id;
    },
    async drawRun(run, alert) {
      const view = {
        locale: run.locale,
        timeZone: run.requester.timeZone,
        conversation: run.conversation,
        token: withKnownNames(run.before, run.after ?? run.before),
        phase: phaseOf(run, { now: now() }),
        requestedBy: run.requester.name,
        alert: await shown(alert, run),
        ...(run.endedAt !== undefined && { readAt: run.endedAt }),
      };
      return views.draw(view, run.id);
    },
    async findAlert(run) {
      if (run.activityId === undefined) return undefined;
      const subscription = await subscriptions.findByConversation(conversationRoot(run.conversation.id));
      const on = subscription ? await messages.listOn(subscription.id, run.activityId) : [];
      const [newest] = (await alerts.list(on.map(({ alertId }) => alertId))).sort((a, b) => b.openedAt - a.openedAt);
      return newest && shown(newest, run);
    },
    async recordAlert({ id: alertId, tokenId, endedAt }, conversation) {
      if (endedAt !== undefined) return undefined;
      const at = now();
      const id = newOpaqueId();
      await records.add({
        id,
        kind: 'alert',
        conversationId: conversationRoot(conversation.id),
        isTargeted: isTargeted(conversation),
        payload: { alertId, tokenId } satisfies AlertCardRecord,
        createdAt: at,
        expiresAt: at + alertExpiresMs,
      });
      return id;
    },
    drawWith({ locale, timeZone, conversation, token, phase, requestedBy, notice, alert, readAt }, recordId) {
      const at = now();
      const data: TokenCardData = {
        locale,
        now: at,
        timeZone,
        token,
        conversationKind: conversation.kind,
        requestedBy,
        recordId,
        actions: actionsIn(phase, token),
        phase,
        ...(notice && { notice }),
        ...(alert && { alert }),
        readAt: readAt ?? at,
      };
      return { kind: 'card', card: tokenCard(data), summary: summaryOfTokenCard(data), recordId };
    },
  };
  return views;
}

function actionsIn(phase: TokenPhase, token: VppToken): TokenAction[] {
  if (phase.kind === 'ended' && phase.outcome === 'deleted') return [];
  const { syncs, hasLicenses } = traitsOf(token);
  return [
    ...(syncs && phase.kind !== 'running' ? (['syncNow'] as const) : []),
    'refresh',
    ...(hasLicenses ? (['licences'] as const) : []),
    'renew',
    ...(syncs ? (['history'] as const) : []),
  ];
}

interface PhaseContext {
  /** Epoch milliseconds: with it a run shows for how long it has been running. */
  readonly now?: number;
  /** Name of the person who began the sync that was joined. */
  readonly leaderName?: string | undefined;
}

/** The phase of a run as its token's card shows it: running, or its receipt. */
export function phaseOf(run: SyncRun, { now, leaderName }: PhaseContext = {}): TokenPhase {
  const { startedAt, endedAt, outcome, after } = run;
  const usual = run.usualMs === undefined ? {} : { usualMs: run.usualMs };
  if (endedAt === undefined || outcome === undefined || outcome === 'refused') {
    const since = findBeginning(run);
    const elapsedMs = now === undefined || since === undefined ? undefined : Math.max(0, now - since);
    const joined = { alreadyRunning: true as const, ...(leaderName && { byName: leaderName }) };
    return {
      kind: 'running',
      ...usual,
      ...(since !== undefined && { startedAt: since }),
      ...(elapsedMs !== undefined && { elapsedMs }),
      ...(run.joined && { joined }),
    };
  }
  const durationMs = isSeenToEnd(outcome) ? run.tookMs : Math.max(0, endedAt - startedAt);
  const licenses = isSeenToEnd(outcome) && traitsOf(run.before).hasLicenses ? licensesShownOf(run) : undefined;
  return {
    kind: 'ended',
    outcome,
    ...usual,
    ...(durationMs === undefined ? { untimed: untimedOf(run) } : { durationMs }),
    ...(run.refusal !== undefined && { refusal: run.refusal }),
    ...(wasStoppedAsking(run.licensesBefore) && { stoppedAsking: true }),
    ...(outcome === 'failed' && unmovedDateOf(run)),
    changes: after ? listChanges(run) : [],
    ...(licenses && { licenses }),
  };
}

/**
 * When the sync began, as far as is known. One that was begun elsewhere counts from Intune's last change of the token before the
 * join.
 */
function findBeginning({ joined, joinedSince, startedAt, before }: SyncRun): number | undefined {
  if (!joined) return startedAt;
  if (joinedSince !== undefined || before.lastSyncStatus !== 'inProgress') return joinedSince;
  const touchedAt = findInstant(before.lastModifiedDateTime);
  return touchedAt === undefined ? undefined : Math.min(touchedAt, startedAt);
}

function untimedOf(run: SyncRun): Untimed {
  if (run.joined && run.joinedSince === undefined) return 'joined';
  return run.after && failedWithoutProgress(run, run.after) ? 'unseen' : 'restarted';
}

/** Intune's date of the last sync when the failure did not move it. */
function unmovedDateOf({ before, after }: SyncRun): { readonly unmovedDate?: string } {
  const unmovedDate = after?.lastSyncDateTime;
  return unmovedDate === undefined || isLater(unmovedDate, before.lastSyncDateTime) ? {} : { unmovedDate };
}

/** Only a sync that was seen to end has licenses to compare and a duration of its own. */
export const isSeenToEnd = (outcome: RunOutcome): boolean => outcome === 'completed' || outcome === 'failed';

/** Changes that a run made to its token, then to the token's apps, the largest first. */
export function listChanges({ before, after, licenses }: SyncRun): Change[] {
  const apps = licenses?.kind === 'compared' ? licenses.apps : [];
  return after ? [...changesBetween(before, after), ...apps] : [];
}

function licensesShownOf({ licenses, reportedAt }: SyncRun): LicensesShown {
  if (!licenses) return { kind: reportedAt === undefined ? 'pending' : 'notCompared' };
  if (licenses.kind !== 'compared') return licenses;
  const { kind, approximate, runsOut } = licenses;
  return { kind, approximate, ...(runsOut && { runsOut }) };
}

export interface RefreshParts {
  readonly views: TokenViews;
  readonly runs: SyncRuns;
  readonly beta: boolean;
}

/** The button Refresh: the same card with the token and the state of its sync read anew. */
export async function refresh(
  { views, runs, beta }: RefreshParts,
  turn: AuthorizedTurn,
  { tokenId, runId }: TokenCardRecord,
): Promise<Reply> {
  const token = await getConnector(turn.graph, tokenId, { beta });
  const run = runId === undefined ? undefined : await runs.find(runId);
  const { locale, timeZone, conversation } = turn;
  const phase = run && !hasOvertaken(token, run, turn.at) ? phaseOf(run, { now: turn.at }) : { kind: 'state' as const };
  const requestedBy = run?.requester.name ?? turn.person.name;
  const alert = run && (await views.findAlert(run));
  return views.draw({ locale, timeZone, conversation, token, phase, requestedBy, ...(alert && { alert }) }, run?.id);
}

/** True when the token shows the end of a run that was given up before: then the token itself says more than the run. */
function hasOvertaken(token: VppToken, run: SyncRun, now: number): boolean {
  if (run.phase !== 'ended' || run.outcome === 'completed' || run.outcome === 'failed') return false;
  const verdict = judge(run, token, now);
  return verdict.ended && isSeenToEnd(verdict.outcome);
}
