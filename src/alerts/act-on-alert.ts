import type { Audit } from '../audit/audit.ts';
import { personName } from '../cards/render.ts';
import type { Alert } from '../domain/alert.ts';
import type { AlertRepositories, Alerts, InAlertTransaction } from '../domain/alert-repositories.ts';
import { acknowledge, snooze, undo } from '../domain/alert-steps.ts';
import type { AuditAction } from '../domain/audit-note.ts';
import { kindOf } from '../domain/connector.ts';
import { type AuthorizedTurn, GraphError } from '../domain/graph.ts';
import { type Locale, type TextReply, type Turn, textReply } from '../domain/turn.ts';
import { getConnector, listConnectors } from '../graph/connectors.ts';
import { listVppTokens } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { queueDeliveries } from './queue-deliveries.ts';

interface ActOnAlertParts {
  readonly alerts: Alerts;
  readonly inAlertTransaction: InAlertTransaction;
  /** Called when deliveries were queued. */
  readonly onQueued: () => void;
  readonly beta: boolean;
}

/** What people can do about an alert. `undo` takes back what was done last. */
export type AlertAction = { readonly kind: 'acknowledge' | 'undo' } | { readonly kind: 'snooze'; readonly days: 1 | 3 };

export type Acted =
  /** With the alert as it is now. */
  | { readonly kind: 'done'; readonly alert: Alert }
  | { readonly kind: 'taken'; readonly by: string; readonly isOwn: boolean }
  /** `gone`: erased; `deleted`: its token was; `hidden`: Intune shows the person no token, or not this one; `busy`: it changed each time it was read. */
  | { readonly kind: Exclude<RefusedAct, 'taken'> };

export type RefusedAct =
  | 'taken'
  | 'notTaken'
  | 'gone'
  | 'deleted'
  | 'otherTenant'
  | 'hidden'
  | 'ended'
  | 'expired'
  | 'busy';

/** Acts on alerts as the person of the turn, who must be able to read their tokens in Intune. */
export interface ActOnAlert {
  /** Rejects with GraphError when the person may not read the alert's token. */
  act(turn: AuthorizedTurn, alertId: string, action: AlertAction): Promise<Acted>;
  /** Acts on each, in this order, as far as the person may: what Intune does not show them is `hidden`. One answer for each. */
  actOnAll(turn: AuthorizedTurn, alertIds: readonly string[], action: AlertAction): Promise<readonly Acted[]>;
  /** Finds the alert if the person may read its token. Rejects with GraphError when they may not. */
  findReadable(turn: AuthorizedTurn, alertId: string): Promise<Acted>;
}

/** A pass or a colleague may change an alert between its reading and its writing. */
const mostTries = 5;

export function createActOnAlert(parts: ActOnAlertParts): ActOnAlert {
  const { alerts, inAlertTransaction, onQueued, beta } = parts;

  async function findReadable(turn: AuthorizedTurn, alertId: string): Promise<Acted> {
    const alert = await alerts.find(alertId);
    if (!alert) return { kind: 'gone' };
    if (alert.tenantId !== turn.session.tenantId) return { kind: 'otherTenant' };
    if (isOfNoToken(alert))
      return (await listVppTokens(turn.graph, { beta })).length === 0 ? { kind: 'hidden' } : { kind: 'done', alert };
    try {
      await getConnector(turn.graph, alert.tokenId, { beta });
      return { kind: 'done', alert };
    } catch (error) {
      const isDeleted = alert.ending === 'deleted' && error instanceof GraphError && error.reason === 'notFound';
      if (isDeleted) return { kind: 'deleted' };
      throw error;
    }
  }

  /** The answers to all of them from one list of tokens, however many there are. */
  async function listReadable(turn: AuthorizedTurn, alertIds: readonly string[]): Promise<readonly Acted[]> {
    const found = new Map((await alerts.list(alertIds)).map((alert) => [alert.id, alert]));
    const hasOthers = [...found.values()].some(({ tokenId }) => kindOf({ id: tokenId }) !== 'vpp');
    const listed = await (hasOthers ? listConnectors : listVppTokens)(turn.graph, { beta });
    const visible = new Set(listed.map(({ id }) => id));
    return alertIds.map((id): Acted => {
      const alert = found.get(id);
      if (!alert) return { kind: 'gone' };
      if (alert.tenantId !== turn.session.tenantId) return { kind: 'otherTenant' };
      const isVisible = isOfNoToken(alert) ? visible.size > 0 : visible.has(alert.tokenId);
      return isVisible ? { kind: 'done', alert } : { kind: 'hidden' };
    });
  }

  async function change(turn: AuthorizedTurn, alertId: string, action: AlertAction): Promise<Acted> {
    for (let tries = 1; tries <= mostTries; tries += 1) {
      const acted = await tryOnce(turn, alertId, action);
      if (acted) return acted;
    }
    return { kind: 'busy' };
  }

  /** Undefined when somebody else changed the alert first. */
  const tryOnce = (turn: AuthorizedTurn, alertId: string, action: AlertAction) =>
    inAlertTransaction(async (stores): Promise<Acted | undefined> => {
      const alert = await stores.alerts.find(alertId);
      const acted: Acted = alert ? step(alert, turn, action) : { kind: 'gone' };
      return acted.kind === 'done' ? store(stores, acted, turn.at) : acted;
    });

  async function store(stores: AlertRepositories, acted: Extract<Acted, { kind: 'done' }>, at: number) {
    const { alert } = acted;
    if (!(await stores.alerts.put(alert))) return undefined;
    const events = [{ kind: 'changed' as const, alert }];
    const { tenantId } = alert;
    await queueDeliveries({ tenantId, events, now: () => at, inPart: (work) => work(stores) });
    return acted;
  }

  return {
    findReadable,
    async act(turn, alertId, action) {
      const readable = await findReadable(turn, alertId);
      if (readable.kind !== 'done') return readable;
      const acted = await change(turn, alertId, action);
      if (acted.kind === 'done') onQueued();
      return acted;
    },
    async actOnAll(turn, alertIds, action) {
      const acted: Acted[] = [];
      for (const readable of await listReadable(turn, alertIds))
        acted.push(readable.kind === 'done' ? await change(turn, readable.alert.id, action) : readable);
      if (acted.some(({ kind }) => kind === 'done')) onQueued();
      return acted;
    },
  };
}

/** About no token, or about one that nobody can read any more: whoever may read others acts on it. */
const isOfNoToken = ({ condition }: Alert) => condition === 'monitoringBroken' || condition === 'tokenDeleted';

/** The alert after somebody acted on it, or why it stays as it is. */
function step(alert: Alert, { person: { name }, at }: Turn, action: AlertAction): Acted {
  if (action.kind === 'acknowledge') {
    const { acknowledged, endedAt } = alert;
    if (acknowledged && endedAt === undefined)
      return { kind: 'taken', by: acknowledged.by, isOwn: acknowledged.by === name };
    const taken = acknowledge(alert, name, at);
    return taken ? { kind: 'done', alert: taken } : { kind: 'ended' };
  }
  const stepped = action.kind === 'snooze' ? snooze(alert, name, action.days, at) : undo(alert, at);
  return 'refused' in stepped ? { kind: stepped.refused } : { kind: 'done', alert: stepped.alert };
}

/** Records in the audit what people do about alerts and what was refused, with the alert's token. */
export function auditedActs(acts: ActOnAlert, audit: Audit, alerts: Alerts): ActOnAlert {
  async function findToken(alertId: string) {
    const alert = await alerts.find(alertId).catch(() => undefined);
    // An alert about monitoring itself has no token.
    return alert && alert.tokenId !== '' ? { token: { id: alert.tokenId } } : {};
  }

  async function record(turn: AuthorizedTurn, alertId: string, action: AlertAction, acted: Acted): Promise<void> {
    const outcome =
      acted.kind === 'done' ? ({ outcome: 'done' } as const) : ({ outcome: 'refused', reason: acted.kind } as const);
    await audit.record(turn, { action: auditNames[action.kind], ...outcome, ...(await findToken(alertId)) });
  }

  return {
    findReadable: acts.findReadable,
    async act(turn, alertId, action) {
      try {
        const acted = await acts.act(turn, alertId, action);
        await record(turn, alertId, action, acted);
        return acted;
      } catch (error) {
        await audit.recordFailure(turn, { action: auditNames[action.kind], ...(await findToken(alertId)) }, error);
        throw error;
      }
    },
    async actOnAll(turn, alertIds, action) {
      try {
        const acted = await acts.actOnAll(turn, alertIds, action);
        for (const [index, each] of acted.entries()) await record(turn, alertIds[index] ?? '', action, each);
        return acted;
      } catch (error) {
        await audit.recordFailure(turn, { action: auditNames[action.kind] }, error);
        throw error;
      }
    },
  };
}

const auditNames = { acknowledge: 'acknowledge', snooze: 'snooze', undo: 'undoAlert' } as const satisfies Readonly<
  Record<AlertAction['kind'], AuditAction>
>;

/** One day unless three were chosen. */
export const daysOf = (chosen: unknown): 1 | 3 => (chosen === '3' ? 3 : 1);

/** Says why nothing was done about an alert. */
export const refuseAct = ({ locale }: Pick<Turn, 'locale'>, acted: Exclude<Acted, { kind: 'done' }>): TextReply =>
  textReply(refusalText(locale, acted));

function refusalText(locale: Locale, acted: Exclude<Acted, { kind: 'done' }>): string {
  const { alert, resolve } = textsFor(locale);
  switch (acted.kind) {
    case 'taken':
      return acted.isOwn ? alert.answer.takenByYou : alert.answer.taken(personName(acted.by, locale));
    case 'hidden':
      return resolve.noTokens;
    default:
      return alert.answer[acted.kind];
  }
}
