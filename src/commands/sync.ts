import { tokenNames } from '../cards/token-parts.ts';
import { type Command, isAll } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { traitsOf } from '../domain/connector.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { resolveToken } from '../domain/resolve-token.ts';
import { findFilter, type HopelessState, tokenName, type VppToken } from '../domain/token.ts';
import { type Reply, textReply } from '../domain/turn.ts';
import { listVppTokens } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { isSameId } from '../lib/ids.ts';
import { bareWord, safeLine } from '../lib/text.ts';
import type { SyncTurn } from '../sync/start-sync.ts';
import { phaseOf, type TokenView } from '../sync/token-view.ts';
import { createListCommand } from './list.ts';

const separators = /[,，、;；]|\s(?:and|&)\s|和|与/iu;

/**
 * `sync vpp contoso`: starts the token's sync as the person and answers with a card that follows it to its end.
 * `sync vpp all`, `sync expiring` and `sync adatum, proseware` ask first.
 */
export function createSyncCommand({ findToken, syncs, audit, config, runtime }: CommandServices): Command {
  const { views } = syncs;

  return {
    name: 'sync',
    words: ['sync', '同步'],
    takes: 'token',
    writes: true,
    audits: 'sync',
    needs: 'graph',
    async run(turn, asked) {
      if (isAll(asked)) return syncs.syncAll.plan(turn);
      const filter = findFilter(bareWord(asked).replace(/ tokens$|的?令牌$/u, ''));
      if (filter) return syncs.syncAll.planSome(turn, filter);
      const several = await planSeveral(turn, asked);
      if (several) return several;
      const { buttons } = textsFor(turn.locale);
      const found = await findToken(
        turn,
        { command: 'sync', asked, actionTitle: buttons.syncNow },
        { mayBeRecent: true },
      );
      if ('reply' in found) {
        await audit.record(turn, { action: 'sync', outcome: 'unresolved' });
        return found.reply;
      }
      if (!traitsOf(found.token).syncs) return textReply(textsFor(turn.locale).connector.notSynced);
      // Buttons and choices name the token by its id, deliberately; a typed name may be of a token that cannot sync at all.
      const isNamedById = isSameId(asked.trim(), found.token.id);
      return start({ ...turn, ...(!isNamedById && { refusesHopeless: true }) }, found.token);
    },
  };

  /** `sync adatum, proseware`: a plan to apply, where every name means one token and the whole is not the name of one. */
  async function planSeveral(turn: AuthorizedTurn, asked: string): Promise<Reply | undefined> {
    const names = asked.split(separators).map((name) => name.trim());
    if (names.length < 2 || names.includes('')) return undefined;
    const tokens = await listVppTokens(turn.graph, { beta: config.graphBeta });
    const whole = resolveToken(asked, tokens);
    if (whole.kind === 'one' || whole.kind === 'several') return undefined;
    const found = names.map((name) => ({ name, meant: resolveToken(name, tokens) }));
    const unclear = found.filter(({ meant }) => meant.kind !== 'one').map(({ name }) => `“${safeLine(name)}”`);
    if (unclear.length === 0) {
      const ids = new Set(found.flatMap(({ meant }) => (meant.kind === 'one' ? [meant.token.id] : [])));
      return syncs.syncAll.planSome(turn, [...ids].join(', '));
    }
    await audit.record(turn, { action: 'sync', outcome: 'unresolved' });
    return textReply(textsFor(turn.locale).resolve.unclear(unclear.join(', ')));
  }

  async function start(turn: SyncTurn, token: VppToken): Promise<Reply> {
    const { sync } = textsFor(turn.locale);
    const started = await syncs.startSync.start(turn, token.id);
    if (started.kind === 'hopeless') return refuse(turn, started.token, started.state);
    if (started.kind === 'coolingDown') {
      const { title } = tokenNames(started.token, turn.locale);
      return draw(turn, started.token, {
        text: sync.refused.coolDown(title, started.agoMs, started.waitMs),
        tone: 'warning',
      });
    }
    const { run, leader, late } = started;
    syncs.follower.follow(run, late);
    const shown = { ...token, ...run.before };
    const phase = phaseOf(run, { now: runtime.now(), leaderName: leader?.requester.name });
    const view = {
      locale: turn.locale,
      timeZone: turn.timeZone,
      conversation: turn.conversation,
      token: shown,
      phase,
      requestedBy: turn.person.name,
    };
    return { ...(await views.draw(view, run.id)), runId: run.id };
  }

  async function refuse(turn: AuthorizedTurn, token: VppToken, state: HopelessState): Promise<Reply> {
    const about = { id: token.id, name: tokenName(token) };
    await audit.record(turn, { action: 'sync', outcome: 'refused', reason: state, token: about });
    const { title } = tokenNames(token, turn.locale);
    const text = textsFor(turn.locale).sync.refused[state](title);
    return draw(turn, token, { text, tone: 'attention' });
  }

  function draw(turn: AuthorizedTurn, token: VppToken, notice: NonNullable<TokenView['notice']>): Promise<Reply> {
    const { locale, timeZone, conversation, person } = turn;
    return views.draw({
      locale,
      timeZone,
      conversation,
      token,
      phase: { kind: 'state' },
      requestedBy: person.name,
      notice,
    });
  }
}

/** `status vpp contoso`: the token's card, without starting anything. */
export function createStatusCommand(services: CommandServices): Command {
  const { findToken, syncs } = services;
  const list = createListCommand(services);
  return {
    name: 'status',
    words: ['status', '状态'],
    takes: 'token',
    writes: false,
    needs: 'graph',
    async run(turn, asked) {
      const word = bareWord(asked);
      if (list.needs === 'graph' && (isAll(asked) || findFilter(word))) return list.run(turn, isAll(asked) ? '' : word);
      const { locale, timeZone, conversation, person } = turn;
      const wanted = { command: 'status', asked, actionTitle: textsFor(locale).resolve.show.status };
      const found = await findToken(turn, wanted, { mayBeRecent: true });
      if ('reply' in found) return found.reply;
      const view = {
        locale,
        timeZone,
        conversation,
        token: found.token,
        phase: { kind: 'state' as const },
        requestedBy: person.name,
        readAt: found.readAt,
      };
      return syncs.views.draw(view);
    },
  };
}
