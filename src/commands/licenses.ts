import { licensesCard, summaryOfLicensesCard } from '../cards/licenses-card.ts';
import { findPage } from '../cards/paging.ts';
import { ExplainedGraphError } from '../cards/refusal.ts';
import { tokenNames } from '../cards/token-parts.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { recordPage } from '../dialogs/paging.ts';
import type { ListQuery } from '../domain/card-record.ts';
import { type AuthorizedTurn, GraphError, type ReadOnlyGraph } from '../domain/graph.ts';
import { appsOfToken, isLow, sortByLicenses } from '../domain/licenses.ts';
import type { VppToken } from '../domain/token.ts';
import { type Locale, type Reply, textReply } from '../domain/turn.ts';
import { readVppApps, type VppAppReading } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';

/**
 * `licenses vpp contoso [low]`: licences used, in total and left for each app of the token, worst first; `licenses low`: those of every
 * token that are low.
 */
export function createLicensesCommand(services: CommandServices): Command {
  const show = (turn: AuthorizedTurn, { asked }: ListQuery, page: number) => showPage(services, turn, asked, page);
  return {
    name: 'licenses',
    words: ['licenses', 'licences', 'license', 'licence', '许可证'],
    takes: 'token',
    suffixes: /^(?:low|不足|紧张)$/iu,
    writes: false,
    needs: 'graph',
    run: (turn, asked) => show(turn, { asked }, 0),
    pages: {
      show,
      filters: { low: (asked) => `${readAsked(asked).name} low`, all: (asked) => readAsked(asked).name },
    },
  };
}

async function showPage(services: CommandServices, turn: AuthorizedTurn, asked: string, page: number): Promise<Reply> {
  const { name, low } = readAsked(asked);
  if (low && name === '') return showAllLow(services, turn, page);
  const found = await services.findToken(turn, {
    command: 'licenses',
    asked: name,
    actionTitle: textsFor(turn.locale).resolve.show.licenses,
    ...(low && { suffix: 'low' }),
  });
  if ('reply' in found) return found.reply;
  const reading = await readApps(turn.graph, turn.locale, services.config.graphBeta);
  return answer(services, turn, { ...found, low, reading, page });
}

/** The apps of every token that are low on licences. */
async function showAllLow(services: CommandServices, turn: AuthorizedTurn, asked: number): Promise<Reply> {
  const { locale, conversation, at } = turn;
  const { card, licenses } = textsFor(locale);
  const { apps, uncounted } = await readApps(turn.graph, locale, services.config.graphBeta);
  const low = apps.filter(isLow);
  if (low.length === 0) return textReply(licenses.noneLow(card.allTokens, apps.length));
  const page = findPage(low.length, asked);
  const recordId = await recordPage(services, turn, { command: 'licenses', asked: 'low', page, rows: [] });
  const data = {
    locale,
    conversationKind: conversation.kind,
    apps: sortByLicenses(low, locale),
    total: apps.length,
    lowTotal: low.length,
    uncounted: uncounted.length,
    low: true,
    approximate: false,
    readAt: at,
    recordId,
    page,
  };
  return { kind: 'card', card: licensesCard(data), summary: summaryOfLicensesCard(data), recordId };
}

interface Found {
  readonly token: VppToken;
  readonly tokens: readonly VppToken[];
  readonly reading: VppAppReading;
  readonly low: boolean;
  /** As it was asked for. */
  readonly page: number;
}

async function answer(services: CommandServices, turn: AuthorizedTurn, found: Found): Promise<Reply> {
  const { licenses } = textsFor(turn.locale);
  const { token, tokens, reading, low } = found;
  const { title } = tokenNames(token, turn.locale);
  const own = appsOfToken(reading.apps, token, tokens);
  const uncounted = appsOfToken(reading.uncounted, token, tokens).apps.length;
  if (own.apps.length === 0) {
    if (uncounted > 0) return textReply(licenses.uncounted(uncounted));
    return textReply(own.approximate ? licenses.appsUnknown(title) : licenses.noApps(title));
  }
  const lowApps = own.apps.filter(isLow);
  const shown = low ? lowApps : own.apps;
  if (shown.length === 0) return textReply(licenses.noneLow(title, own.apps.length));
  const page = findPage(shown.length, found.page);
  const recordId = await recordPage(services, turn, {
    command: 'licenses',
    asked: low ? `${token.id} low` : token.id,
    page,
    rows: [],
    tokenId: token.id,
  });
  const data = {
    locale: turn.locale,
    conversationKind: turn.conversation.kind,
    token,
    apps: sortByLicenses(shown, turn.locale),
    total: own.apps.length,
    lowTotal: lowApps.length,
    uncounted,
    low,
    approximate: own.approximate,
    readAt: turn.at,
    recordId,
    page,
  };
  return { kind: 'card', card: licensesCard(data), summary: summaryOfLicensesCard(data), recordId };
}

/** Explains Graph's refusals: apps need another permission and another part of an Intune role than tokens. */
async function readApps(graph: ReadOnlyGraph, locale: Locale, beta: boolean): Promise<VppAppReading> {
  try {
    return await readVppApps(graph, { beta });
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const { licenses, errors } = textsFor(locale);
    if (error.reason === 'forbidden') throw new ExplainedGraphError(error, licenses.forbidden);
    if (error.reason !== 'missingScope') throw error;
    const scopes = error.neededScopes?.length ? error.neededScopes : ['DeviceManagementApps.Read.All'];
    throw new ExplainedGraphError(error, errors.graph.missingScope(scopes));
  }
}

/** A last word `low` is the filter; for a name that ends in it, type the word twice, or another part of the name. */
function readAsked(asked: string): { readonly name: string; readonly low: boolean } {
  const name = asked.replace(/(?:^|\s)(?:low|不足|紧张)$/iu, '');
  return { name: name.trim().replace(/^(["'])(.*)\1$/u, '$2'), low: name !== asked };
}
