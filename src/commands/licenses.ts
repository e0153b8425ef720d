import { type LicensesCardData, licensesCard, summaryOfLicensesCard } from '../cards/licenses-card.ts';
import { findPage, rowsOfPage } from '../cards/paging.ts';
import { ExplainedGraphError } from '../cards/refusal.ts';
import { tokenNames } from '../cards/token-parts.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { recordPage } from '../dialogs/paging.ts';
import type { ListQuery } from '../domain/card-record.ts';
import { traitsOf } from '../domain/connector.ts';
import { type AuthorizedTurn, GraphError, type ReadOnlyGraph } from '../domain/graph.ts';
import { dayOf, daysLeftOf } from '../domain/license-runway.ts';
import { accountOf, appsOfToken, isLow, listAppsNamed, sortByLicenses, type VppApp } from '../domain/licenses.ts';
import type { VppToken } from '../domain/token.ts';
import { type Locale, type Reply, textReply } from '../domain/turn.ts';
import { listVppTokens, readVppApps, type VppAppReading } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';

/** "Which licences are low?" asks for `licenses low`, and so does "low licences". */
const lowWords = '(?:are )?low(?: licen[cs]es)?|(?:不足|紧张)(?:的许可证)?';

/**
 * `licenses vpp contoso [low]`: licences used, in total and left for each app of the token, worst first; `licenses pages`: an app over
 * all tokens, where no token is called so; `licenses low`: the apps of every token that are low.
 */
export function createLicensesCommand(services: CommandServices): Command {
  const show = (turn: AuthorizedTurn, { asked }: ListQuery, page: number) => showPage(services, turn, asked, page);
  return {
    name: 'licenses',
    words: ['licenses', 'licences', 'license', 'licence', '许可证'],
    takes: 'token',
    suffixes: new RegExp(`^(?:${lowWords})$`, 'iu'),
    alone: { words: ['low licenses', 'low licences', '不足的许可证', '紧张的许可证'], is: 'run' },
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
  const readReading = () => readApps(turn.graph, turn.locale, services.config.graphBeta);
  const wanted = {
    command: 'licenses',
    asked: name,
    actionTitle: textsFor(turn.locale).resolve.show.licenses,
    ...(low && { suffix: 'low' }),
  } as const;
  const found = await services.findToken(turn, wanted, {
    otherwise: async (tokens) =>
      showApp(services, turn, { tokens, asked: name, reading: await readReading(), low, page }),
  });
  if ('reply' in found) return found.reply;
  if (!traitsOf(found.token).hasLicenses) {
    return textReply(textsFor(turn.locale).connector.noLicenses(tokenNames(found.token, turn.locale).title));
  }
  return showToken(services, turn, { ...found, low, reading: await readReading(), page });
}

/** The apps of every token that are low on licences. */
async function showAllLow(services: CommandServices, turn: AuthorizedTurn, page: number): Promise<Reply> {
  const { card, licenses } = textsFor(turn.locale);
  const beta = services.config.graphBeta;
  const [{ apps, uncounted }, tokens] = await Promise.all([
    readApps(turn.graph, turn.locale, beta),
    listVppTokens(turn.graph, { beta }),
  ]);
  const low = apps.filter(isLow);
  if (low.length === 0) return textReply(licenses.noneLow(card.allTokens, apps.length));
  const rows = { shown: low, total: apps.length, lowTotal: low.length, uncounted: uncounted.length, low: true };
  return showRows(services, turn, { ...rows, asked: 'low', approximate: false, tokens, page });
}

interface FoundApps {
  readonly tokens: readonly VppToken[];
  readonly reading: VppAppReading;
  readonly low: boolean;
  /** As it was asked for. */
  readonly page: number;
}

/** An app over all tokens, with its licences at each token; undefined when no app has that name. */
async function showApp(
  services: CommandServices,
  turn: AuthorizedTurn,
  { tokens, reading, low, page, asked }: FoundApps & { readonly asked: string },
): Promise<Reply | undefined> {
  const { licenses } = textsFor(turn.locale);
  const apps = listAppsNamed(reading.apps, asked);
  const uncounted = listAppsNamed(reading.uncounted, asked).length;
  if (apps.length === 0) return uncounted > 0 ? textReply(licenses.uncounted(uncounted)) : undefined;
  const lowApps = apps.filter(isLow);
  const names = new Set(apps.map(({ displayName }) => displayName));
  const [appName = asked] = names.size === 1 ? names : [`“${asked}”`];
  if (low && lowApps.length === 0) return textReply(licenses.noneLow(safeLine(appName), apps.length));
  return showRows(services, turn, {
    shown: low ? lowApps : apps,
    total: apps.length,
    lowTotal: lowApps.length,
    uncounted,
    low,
    approximate: false,
    asked: low ? `${asked} low` : asked,
    appName,
    tokens,
    page,
  });
}

async function showToken(
  services: CommandServices,
  turn: AuthorizedTurn,
  found: FoundApps & { readonly token: VppToken },
): Promise<Reply> {
  const { licenses } = textsFor(turn.locale);
  const { token, tokens, reading, low, page } = found;
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
  const asked = low ? `${token.id} low` : token.id;
  const rows = {
    shown,
    total: own.apps.length,
    lowTotal: lowApps.length,
    uncounted,
    low,
    approximate: own.approximate,
  };
  return showRows(services, turn, { ...rows, asked, token, page });
}

type Rows = Pick<
  LicensesCardData,
  'token' | 'appName' | 'total' | 'lowTotal' | 'uncounted' | 'low' | 'approximate' | 'page'
> & {
  readonly shown: readonly VppApp[];
  /** What a button reads anew. */
  readonly asked: string;
  /** To say which of them an app belongs to. */
  readonly tokens?: readonly VppToken[];
};

async function showRows(
  services: CommandServices,
  turn: AuthorizedTurn,
  { shown, asked, tokens = [], ...rows }: Rows,
): Promise<Reply> {
  const { locale, conversation, at } = turn;
  const page = findPage(shown.length, rows.page);
  const daysLeft = await readDaysLeft(services, turn, shown);
  const apps = sortByLicenses(shown, locale, ({ id }) => daysLeft.get(id));
  const record = { command: 'licenses', asked, page, rows: [], ...(rows.token && { tokenId: rows.token.id }) };
  const recordId = await recordPage(services, turn, record);
  const tokenTitles = titlesOf(rowsOfPage(apps, page), tokens, locale);
  const data = { ...rows, locale, conversationKind: conversation.kind, apps, daysLeft, tokenTitles, readAt: at };
  const card = { ...data, recordId, page };
  return { kind: 'card', card: licensesCard(card), summary: summaryOfLicensesCard(card), recordId };
}

/** Of these apps alone, which the person may see: monitoring counts all of the tenant's. */
async function readDaysLeft(
  { stores }: CommandServices,
  { session, at }: AuthorizedTurn,
  apps: readonly VppApp[],
): Promise<ReadonlyMap<string, number>> {
  const numbers = new Map(apps.map((app) => [app.id, { used: app.usedLicenseCount, total: app.totalLicenseCount }]));
  const counted = await stores.countedApps.list(session.tenantId, [...numbers.keys()]);
  return new Map(
    counted.flatMap((app) => {
      const days = daysLeftOf(app, numbers.get(app.id) ?? app, dayOf(at));
      return days === undefined ? [] : [[app.id, days] as const];
    }),
  );
}

function titlesOf(apps: readonly VppApp[], tokens: readonly VppToken[], locale: Locale): ReadonlyMap<string, string> {
  return new Map(
    apps.flatMap((app) => {
      const account = accountOf(app.vppTokenAppleId, app.vppTokenOrganizationName);
      const isOwner = ({ id, appleId, organizationName }: VppToken) =>
        app.vppTokenId === undefined
          ? account !== undefined && accountOf(appleId, organizationName) === account
          : id === app.vppTokenId;
      const [owner, ...others] = tokens.filter(isOwner);
      return owner && others.length === 0 ? [[app.id, tokenNames(owner, locale).title] as const] : [];
    }),
  );
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
  const name = asked.replace(new RegExp(`(?:^|\\s)(?:${lowWords})$`, 'iu'), '');
  return { name: name.trim().replace(/^(["'])(.*)\1$/u, '$2'), low: name !== asked };
}
