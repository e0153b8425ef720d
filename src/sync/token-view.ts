import { summaryOfTokenCard, type TokenAction, type TokenCardData, tokenCard } from '../cards/token-card.ts';
import { isSyncOutcome, type TokenPhase, type Untimed } from '../cards/token-phase.ts';
import type { CardRecords, TokenCardRecord } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { type Change, changesBetween, type LicensesShown, wasStoppedAsking } from '../domain/licenses.ts';
import {
  failedWithoutProgress,
  firstProgressMs,
  isLater,
  judge,
  type SyncOutcome,
  type SyncRuns,
  type TokenRun,
} from '../domain/sync-run.ts';
import type { VppToken } from '../domain/token.ts';
import {
  type CardReply,
  type ConversationReference,
  conversationRoot,
  type Locale,
  type Reply,
} from '../domain/turn.ts';
import { getVppToken } from '../graph/vpp.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { dayMs, findInstant } from '../lib/time.ts';

export interface TokenView {
  readonly locale: Locale;
  readonly conversation: ConversationReference;
  readonly token: VppToken;
  readonly phase: TokenPhase;
  readonly requestedBy: string;
  readonly notice?: NonNullable<TokenCardData['notice']>;
  /** Epoch milliseconds at which the token was read; now, unless told. */
  readonly readAt?: number;
}

/** Cards are pressed for a month after they were drawn; then they say that they are old. */
export const tokenPressExpiresMs = 30 * dayMs;

export interface TokenViews {
  /** Draws a token's card and stores what its buttons stand for. Anybody in the conversation may press, as themselves. */
  draw(view: TokenView, runId?: string): Promise<CardReply>;
  /** The two steps apart, for a card that is drawn several times: stores that alone, and resolves to its id. */
  record(view: Pick<TokenView, 'conversation' | 'token'>, runId?: string): Promise<string>;
  drawWith(view: TokenView, recordId: string): CardReply;
}

export function createTokenViews({ records, now }: { records: CardRecords; now: () => number }): TokenViews {
  const views: TokenViews = {
    draw: async (view, runId) => views.drawWith(view, await views.record(view, runId)),
    async record({ conversation, token }, runId) {
      const at = now();
      const id = newOpaqueId();
      await records.add({
        id,
        kind: 'tokenCard',
        conversationId: conversationRoot(conversation.id),
        payload: { tokenId: token.id, ...(runId && { runId }) } satisfies TokenCardRecord,
        createdAt: at,
        expiresAt: at + tokenPressExpiresMs,
      });
      return id;
    },
    drawWith({ locale, conversation, token, phase, requestedBy, notice, readAt }, recordId) {
      const at = now();
      const data: TokenCardData = {
        locale,
        now: at,
        token,
        conversationKind: conversation.kind,
        requestedBy,
        recordId,
        actions: actionsIn(phase),
        phase,
        ...(notice && { notice }),
        readAt: readAt ?? at,
      };
      return { kind: 'card', card: tokenCard(data), summary: summaryOfTokenCard(data) };
    },
  };
  return views;
}

function actionsIn(phase: TokenPhase): TokenAction[] {
  if (phase.kind === 'running') return ['refresh', 'licences', 'renew', 'history'];
  if (phase.kind === 'ended' && phase.outcome === 'deleted') return [];
  return ['syncNow', 'refresh', 'licences', 'renew', 'history'];
}

interface PhaseContext {
  /** Epoch milliseconds: a run that has gone on for a while by then says for how long. */
  readonly now?: number;
  /** Who began the sync that was joined. */
  readonly leaderName?: string | undefined;
}

/** What a token's card says of a run: that it goes on, or its receipt. */
export function phaseOf(run: TokenRun, { now, leaderName }: PhaseContext = {}): TokenPhase {
  const { startedAt, endedAt, outcome, after } = run;
  const usual = run.usualMs === undefined ? {} : { usualMs: run.usualMs };
  if (endedAt === undefined || outcome === undefined || !isSyncOutcome(outcome)) {
    const since = findBeginning(run);
    const elapsedMs = now === undefined || since === undefined ? 0 : now - since;
    const joined = { alreadyRunning: true as const, ...(leaderName && { byName: leaderName }) };
    return {
      ...{ kind: 'running', ...usual },
      ...(since !== undefined && { startedAt: since }),
      ...(elapsedMs >= firstProgressMs && { elapsedMs }),
      ...(run.joined && { joined }),
    };
  }
  const durationMs = isSeenToEnd(outcome) ? run.tookMs : Math.max(0, endedAt - startedAt);
  const licenses = isSeenToEnd(outcome) ? licensesShownOf(run) : undefined;
  return {
    ...{ kind: 'ended', outcome, ...usual },
    ...(durationMs === undefined ? { untimed: untimedOf(run) } : { durationMs }),
    ...(run.refusal !== undefined && { refusal: run.refusal }),
    ...(wasStoppedAsking(run.licensesBefore) && { stoppedAsking: true }),
    ...(outcome === 'failed' && unmovedDateOf(run)),
    changes: after ? listChanges(run) : [],
    ...(licenses && { licenses }),
  };
}

/**
 * Since when the sync has gone on, as far as is known: of one that was begun elsewhere, since Intune last touched the token before
 * it was joined.
 */
function findBeginning({ joined, joinedSince, startedAt, before }: TokenRun): number | undefined {
  if (!joined) return startedAt;
  if (joinedSince !== undefined || before.lastSyncStatus !== 'inProgress') return joinedSince;
  const touchedAt = findInstant(before.lastModifiedDateTime);
  return touchedAt === undefined ? undefined : Math.min(touchedAt, startedAt);
}

function untimedOf(run: TokenRun): Untimed {
  if (run.joined && run.joinedSince === undefined) return 'joined';
  return run.after && failedWithoutProgress(run, run.after) ? 'unseen' : 'restarted';
}

/** Intune's date of the last sync where a failure did not move it. */
function unmovedDateOf({ before, after }: TokenRun): { readonly unmovedDate?: string } {
  const unmovedDate = after?.lastSyncDateTime;
  return unmovedDate === undefined || isLater(unmovedDate, before.lastSyncDateTime) ? {} : { unmovedDate };
}

/** Only a sync that really ended has licences to compare, and a duration that is its own. */
export const isSeenToEnd = (outcome: SyncOutcome): boolean => outcome === 'completed' || outcome === 'failed';

/** What a run changed on its token and the token's apps, the largest first. */
export function listChanges({ before, after, licenses }: TokenRun): Change[] {
  const apps = licenses?.kind === 'compared' ? licenses.apps : [];
  return after ? [...changesBetween(before, after), ...apps] : [];
}

function licensesShownOf({ licenses, reportedAt: toldAt }: TokenRun): LicensesShown {
  if (!licenses) return { kind: toldAt === undefined ? 'pending' : 'notCompared' };
  return licenses.kind === 'compared' ? { kind: 'compared', approximate: licenses.approximate } : licenses;
}

export interface RefreshParts {
  readonly views: TokenViews;
  readonly runs: SyncRuns<VppToken>;
  readonly beta: boolean;
}

/** Refresh: the same card with the token read anew, and what became of the sync it shows. */
export async function refresh(
  { views, runs, beta }: RefreshParts,
  turn: AuthorizedTurn,
  press: TokenCardRecord,
): Promise<Reply> {
  const token = await getVppToken(turn.graph, press.tokenId, { beta });
  const run = press.runId === undefined ? undefined : await runs.find(press.runId);
  const { locale, conversation } = turn;
  const phase = run && !hasOvertaken(token, run, turn.at) ? phaseOf(run, { now: turn.at }) : { kind: 'state' as const };
  const requestedBy = run?.requester.name ?? turn.person.name;
  return views.draw({ locale, conversation, token, phase, requestedBy }, run?.id);
}

/** Whether the token shows the end of a run that was given up before: then the token itself tells more than the run. */
export function hasOvertaken(token: VppToken, run: TokenRun, now: number): boolean {
  const verdict = run.outcome !== 'completed' && run.outcome !== 'failed' && judge(run, token, now);
  return run.phase === 'ended' && verdict && verdict.ended && ['completed', 'failed'].includes(verdict.outcome);
}
