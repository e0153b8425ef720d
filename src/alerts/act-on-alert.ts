import type { Audit } from '../audit/audit.ts';
import { withReference } from '../cards/refusal.ts';
import { personName } from '../cards/render.ts';
import type { Alert } from '../domain/alert.ts';
import type { Alerts, InAlertTransaction } from '../domain/alert-repositories.ts';
import { acknowledge, snooze } from '../domain/alert-steps.ts';
import { type AuthorizedTurn, GraphError } from '../domain/graph.ts';
import type { Locale, TextReply, Turn } from '../domain/turn.ts';
import { getVppToken, listVppTokens } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { queueDeliveries } from './queue-deliveries.ts';

interface ActOnAlertParts {
  readonly alerts: Alerts;
  readonly inAlertTransaction: InAlertTransaction;
  /** Called when deliveries were queued. */
  readonly onQueued: () => void;
  readonly beta: boolean;
}

export type Acted =
  /** With the alert as it is now. */
  | { readonly kind: 'done'; readonly alert: Alert }
  | { readonly kind: 'taken'; readonly by: string; readonly isOwn: boolean }
  /** `gone`: erased; `deleted`: its token was; `hidden`: Intune shows the person no token; `busy`: it changed each time it was read. */
  | { readonly kind: 'gone' | 'deleted' | 'otherTenant' | 'hidden' | 'ended' | 'expired' | 'busy' };

/** Acts on an alert as the person of the turn, who must be able to read its token in Intune. */
export interface ActOnAlert {
  acknowledge(turn: AuthorizedTurn, alertId: string): Promise<Acted>;
  snooze(turn: AuthorizedTurn, alertId: string, days: 1 | 3): Promise<Acted>;
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
    // Of no token, or of one that nobody can read any more: whoever may read others acts on it.
    if (alert.condition === 'monitoringBroken' || alert.condition === 'tokenDeleted')
      return (await listVppTokens(turn.graph, { beta })).length === 0 ? { kind: 'hidden' } : { kind: 'done', alert };
    try {
      await getVppToken(turn.graph, alert.tokenId, { beta });
      return { kind: 'done', alert };
    } catch (error) {
      const isDeleted = alert.ending === 'deleted' && error instanceof GraphError && error.reason === 'notFound';
      if (isDeleted) return { kind: 'deleted' };
      throw error;
    }
  }

  async function change(turn: AuthorizedTurn, alertId: string, step: (alert: Alert) => Alert | Acted): Promise<Acted> {
    const readable = await findReadable(turn, alertId);
    if (readable.kind !== 'done') return readable;
    for (let tries = 1; tries <= mostTries; tries += 1) {
      const acted = await tryOnce(turn, alertId, step);
      if (!acted) continue;
      if (acted.kind === 'done') onQueued();
      return acted;
    }
    return { kind: 'busy' };
  }

  /** Undefined when somebody else changed the alert first. */
  const tryOnce = (turn: AuthorizedTurn, alertId: string, step: (alert: Alert) => Alert | Acted) =>
    inAlertTransaction(async (stores): Promise<Acted | undefined> => {
      const alert = await stores.alerts.find(alertId);
      const changed = alert ? step(alert) : { kind: 'gone' as const };
      if ('kind' in changed) return changed;
      if (!(await stores.alerts.put(changed))) return undefined;
      const events = [{ kind: 'changed' as const, alert: changed }];
      const { tenantId } = changed;
      await queueDeliveries({ tenantId, events, now: () => turn.at, inPart: (work) => work(stores) });
      return { kind: 'done', alert: changed };
    });

  return {
    findReadable,
    acknowledge(turn, alertId) {
      const { name } = turn.person;
      return change(turn, alertId, (alert) => {
        if (alert.endedAt !== undefined) return { kind: 'ended' };
        const { acknowledged } = alert;
        if (acknowledged) return { kind: 'taken', by: acknowledged.by, isOwn: acknowledged.by === name };
        return acknowledge(alert, name, turn.at) ?? { kind: 'ended' };
      });
    },
    snooze: (turn, alertId, days) =>
      change(turn, alertId, (alert) => {
        const snoozed = snooze(alert, turn.person.name, days, turn.at);
        return 'refused' in snoozed ? { kind: snoozed.refused } : snoozed.alert;
      }),
  };
}

/** Records in the audit what people do about alerts and what was refused, with the alert's token. */
export function auditedActs(act: ActOnAlert, audit: Audit, alerts: Alerts): ActOnAlert {
  async function findToken(alertId: string) {
    const alert = await alerts.find(alertId).catch(() => undefined);
    // An alert about monitoring itself has no token.
    return alert && alert.tokenId !== '' ? { token: { id: alert.tokenId } } : {};
  }

  async function recorded(
    turn: AuthorizedTurn,
    { action, alertId }: { readonly action: 'acknowledge' | 'snooze'; readonly alertId: string },
    work: () => Promise<Acted>,
  ): Promise<Acted> {
    try {
      const acted = await work();
      const outcome = acted.kind === 'done' ? { outcome: 'done' as const } : refusedFor(acted.kind);
      await audit.record(turn, { action, ...outcome, ...(await findToken(alertId)) });
      return acted;
    } catch (error) {
      await audit.recordFailure(turn, { action, ...(await findToken(alertId)) }, error);
      throw error;
    }
  }

  return {
    findReadable: act.findReadable,
    acknowledge: (turn, alertId) =>
      recorded(turn, { action: 'acknowledge', alertId }, () => act.acknowledge(turn, alertId)),
    snooze: (turn, alertId, days) =>
      recorded(turn, { action: 'snooze', alertId }, () => act.snooze(turn, alertId, days)),
  };
}

const refusedFor = (reason: Exclude<Acted['kind'], 'done'>) => ({ outcome: 'refused' as const, reason });

/** One day unless three were chosen. */
export const daysOf = (chosen: unknown): 1 | 3 => (chosen === '3' ? 3 : 1);

/** Says why nothing was done about an alert. */
export function refuseAct(
  turn: Pick<Turn, 'locale' | 'correlationId'>,
  acted: Exclude<Acted, { kind: 'done' }>,
): TextReply {
  return { kind: 'text', text: withReference(turn, refusalText(turn.locale, acted)) };
}

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
