import { decodeJwt } from 'jose';
import type { Config } from '../config.ts';
import { printEntraCode } from '../domain/entra-errors.ts';
import { GraphError } from '../domain/graph.ts';
import type { ExchangeFailure } from '../domain/sign-in-request.ts';
import { createGraphClients } from '../graph/client.ts';
import { listVppTokens, monitoringRoles } from '../graph/vpp.ts';
import { findGranted } from '../identity/assertions.ts';
import { createEntra, type Entra } from '../identity/entra.ts';
import { askForBotToken } from '../identity/tokens.ts';
import type { Runtime } from '../lib/runtime.ts';
import { type Advice, attention, good, type NamedFinding, warning } from './finding.ts';

/** The bot's token, then for each tenant the app's token, its roles, its version, and what Intune answers it. */
export async function checkEntra(config: Config, runtime: Runtime): Promise<NamedFinding[]> {
  const entra = createEntra({ config });
  const tenants = config.allowedTenants.map((tenantId) => checkTenant({ config, runtime, entra, tenantId }));
  const [bot, version, ...others] = await Promise.all([checkBot(config), checkVersion(config, entra), ...tenants]);
  return [bot, version, ...others.flat()];
}

async function checkBot(config: Config): Promise<NamedFinding> {
  const name = 'Bot’s token for Teams';
  const answer = await askForBotToken(config);
  if (answer.ok) return { name, finding: good('Microsoft Entra issues it.') };
  const advice = adviceOn(answer.failure, config.bot.tenantId ?? '', config);
  if (answer.failure.reason !== 'wrongClientSecret') return { name, finding: attention(advice) };
  const fix =
    config.bot.type === 'UserAssignedMsi'
      ? 'Assign the managed identity BOT_ID to where the bot runs. On another machine it has no token.'
      : 'Make a new secret for BOT_ID: npm run register -- --bot-secret. Then set BOT_PASSWORD.';
  return { name, finding: attention({ text: advice.text, fix }) };
}

interface TenantParts {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly entra: Entra;
  readonly tenantId: string;
}

async function checkTenant({ config, runtime, entra, tenantId }: TenantParts): Promise<NamedFinding[]> {
  const name = `App’s token for ${tenantId}`;
  const answer = await askForAppToken(entra, tenantId, `${config.cloud.graphRoot}/.default`);
  if (!answer.ok) {
    return [{ name, finding: attention(adviceOn(answer.failure, tenantId, config)) }];
  }
  const granted = findGranted(answer.accessToken)?.roles ?? [];
  const lacking = monitoringRoles.filter((role) => !granted.includes(role));
  if (lacking.length > 0) {
    const say = config.monitor ? attention : warning;
    const text = `Microsoft Entra issues it, without the application permissions ${lacking.join(' and ')}.`;
    return [{ name, finding: say({ text, fix: `An administrator consents at ${consentUrl(config, tenantId)}` }) }];
  }
  const { accessToken } = answer;
  return [
    { name, finding: good(`Microsoft Entra issues it with ${monitoringRoles.join(' and ')}.`) },
    await checkIntune({ config, runtime, tenantId, accessToken }),
  ];
}

type IntuneParts = Omit<TenantParts, 'entra'> & { readonly accessToken: string };

async function checkIntune({ config, runtime, tenantId, accessToken }: IntuneParts): Promise<NamedFinding> {
  const name = `Intune of ${tenantId}`;
  const graph = createGraphClients({ graphUrl: config.graphUrl, runtime }).readOnly(async () => accessToken);
  try {
    const { length } = await listVppTokens(graph);
    if (length > 0) return { name, finding: good(`It lists its VPP tokens: ${length}.`) };
    const fix = 'Upload one in Intune, under Tenant administration > Connectors and tokens.';
    return { name, finding: warning({ text: 'It lists no VPP token.', fix }) };
  } catch (error) {
    const reason = error instanceof GraphError ? error.reason : 'unexpected';
    const fix =
      'See that the tenant has an active Intune license and that its administrator consented; then try again.';
    return { name, finding: attention({ text: `Microsoft Graph lists no VPP tokens (${reason}).`, fix }) };
  }
}

/**
 * A token of the app for itself shows its registration: Entra finds it by the Application ID URI, and issues it in the version that the
 * registration asks for. Nobody else's token does before a person signs in.
 */
async function checkVersion(config: Config, entra: Entra): Promise<NamedFinding> {
  const name = 'App’s registration';
  const tenantId = config.allowedTenants[0] ?? '';
  const answer = await askForAppToken(entra, tenantId, `${config.app.idUri}/.default`);
  if (!answer.ok) {
    return { name, finding: attention(adviceOn(answer.failure, tenantId, config)) };
  }
  if (decodeJwt(answer.accessToken).ver === '2.0') {
    return { name, finding: good(`Its Application ID URI is ${config.app.idUri}, and it issues version 2 tokens.`) };
  }
  const text = 'It issues version 1 tokens, and the bot accepts version 2 only: every sign-in would be refused.';
  const fix = 'Run npm run register, or set requestedAccessTokenVersion to 2 in the registration’s manifest in Entra.';
  return { name, finding: attention({ text, fix }) };
}

const askForAppToken = (entra: Entra, tenantId: string, scope: string) =>
  entra.ask(tenantId, 'app', (application) =>
    application.acquireTokenByClientCredential({
      scopes: [scope],
      skipCache: true,
      azureRegion: 'DisableMsalForceRegion',
    }),
  );

const consentUrl = ({ cloud, app }: Config, tenantId: string) =>
  `${cloud.loginUrl}/${tenantId}/adminconsent?client_id=${app.clientId}`;

/** What an administrator can do, by the number that Entra gives. Source: learn.microsoft.com/entra/identity-platform/reference-error-codes. */
function adviceOn(failure: ExchangeFailure, tenantId: string, config: Config): Advice {
  const code = 'code' in failure ? failure.code : failure.reason;
  const refused = `Microsoft Entra refused it (${printEntraCode(code)}): `;
  const trust =
    'Run npm run register: it adds the federated credential. Issuer, subject and audience must equal the token’s: docs/permissions.md.';
  const notTrusted = {
    text: `${refused}the registration has no federated credential for the token that was shown.`,
    fix: trust,
  };
  const noPrincipal = {
    text: `${refused}the app has no service principal in the tenant, because nobody has consented there.`,
    fix: `An administrator of ${tenantId} consents at ${consentUrl(config, tenantId)}`,
  };
  const noService = {
    text: `${refused}the tenant has no service principal of Microsoft Graph or Intune.`,
    fix: 'See that the tenant has an active Intune license, then let an administrator consent again.',
  };
  const known: Readonly<Record<string, Advice>> = {
    '7000222': {
      text: `${refused}the client secret has expired.`,
      fix: 'Make a new one: npm run register -- --secret. Then set AAD_APP_CLIENT_SECRET.',
    },
    '7000215': {
      text: `${refused}the client secret is wrong. It must be the secret’s value, not its id.`,
      fix: 'Make a new one: npm run register -- --secret. Then set AAD_APP_CLIENT_SECRET.',
    },
    '700027': {
      text: `${refused}the certificate is not one of the registration’s, or has expired.`,
      fix: 'Upload the certificate to the registration, under Certificates & secrets.',
    },
    '700024': {
      text: `${refused}the token that proves the app’s identity is not valid now.`,
      fix: 'Synchronize this machine’s clock, and see that AZURE_FEDERATED_TOKEN_FILE is the file that the cluster renews.',
    },
    '70021': notTrusted,
    '700211': notTrusted,
    '700212': notTrusted,
    '700213': notTrusted,
    '700016': noPrincipal,
    '7000229': noPrincipal,
    '650051': noService,
    '650052': noService,
    '500011': {
      text: `${refused}no registration has the Application ID URI ${config.app.idUri}.`,
      fix: 'Set AAD_APP_ID_URI to the registration’s, or run npm run register, which sets the registration’s.',
    },
    '90002': {
      text: `${refused}there is no tenant ${tenantId}.`,
      fix: 'Correct ALLOWED_TENANTS, BOT_TENANT_ID and CLOUD.',
    },
  };
  const found = known[code];
  if (found) return found;
  switch (failure.reason) {
    case 'unavailable':
      return {
        text: 'No answer came from Microsoft Entra, or from the managed identity’s endpoint.',
        fix: `Allow outgoing connections to ${config.authorityUrl}. A managed identity answers in Azure alone.`,
      };
    case 'throttled':
      return { text: 'Microsoft Entra is too busy to answer.', fix: 'Try again in a minute.' };
    case 'wrongClientSecret':
      // Entra was never asked.
      if (code.startsWith(credentialVariables.tokenFile)) {
        return {
          text: `The token file can’t be read (${code}).`,
          fix: 'See that the cluster writes it, and that the bot’s user may read it.',
        };
      }
      return {
        text: `${refused}the app’s credential is wrong or expired.`,
        fix: `Correct ${credentialVariables[config.app.credential.kind]}.`,
      };
    default:
      return { text: `${refused}see this code in Microsoft’s list.`, fix: 'Run npm run register -- --check.' };
  }
}

const credentialVariables: Readonly<Record<Config['app']['credential']['kind'], string>> = {
  secret: 'AAD_APP_CLIENT_SECRET',
  certificateFile: 'AAD_APP_CERTIFICATE_PATH',
  certificate: 'AAD_APP_CERTIFICATE',
  managedIdentity: 'AAD_APP_FEDERATED_CLIENT_ID',
  tokenFile: 'AZURE_FEDERATED_TOKEN_FILE',
};
