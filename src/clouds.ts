/**
 * Microsoft's addresses in one cloud. Tokens of one cloud are not accepted in another. Sources: learn.microsoft.com/graph/deployments,
 * learn.microsoft.com/entra/identity-platform/authentication-national-cloud, learn.microsoft.com/entra/workload-id and the Azure
 * Government pages of learn.microsoft.com/azure/bot-service and /azure/postgresql.
 */
export interface Cloud {
  readonly name: CloudName;
  /** Prefix of every Graph scope, whatever address Graph is reached at. */
  readonly graphRoot: string;
  readonly loginUrl: string;
  /** Audience of a managed identity's token that stands for a secret of the app. */
  readonly tokenExchangeAudience: string;
  /** Resource of the Entra tokens that PostgreSQL takes for a password. */
  readonly databaseResource: string;
  /** Issuer of the tokens with which the channel signs its requests. */
  readonly botIssuer: string;
  readonly botOpenIdMetadataUrl: string;
  /** Tenant and scope of the bot's own token for sending. */
  readonly botLoginTenant: string;
  readonly botScope: string;
  /** Exact hosts of Teams' connector; only https on the default port. */
  readonly serviceHosts: readonly string[];
  /** Apple VPP tokens in the Intune admin center. */
  readonly intuneUrl: string;
}

export type CloudName = 'global' | 'usgov' | 'usgovdod';

const usGovernment = {
  tokenExchangeAudience: 'api://AzureADTokenExchangeUSGov',
  databaseResource: 'https://ossrdbms-aad.database.usgovcloudapi.net',
  botIssuer: 'https://api.botframework.us',
  botOpenIdMetadataUrl: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
  botLoginTenant: 'MicrosoftServices.onmicrosoft.us',
  botScope: 'https://api.botframework.us/.default',
};

export const clouds: Readonly<Record<CloudName, Cloud>> = {
  global: {
    name: 'global',
    graphRoot: 'https://graph.microsoft.com',
    loginUrl: 'https://login.microsoftonline.com',
    tokenExchangeAudience: 'api://AzureADTokenExchange',
    databaseResource: 'https://ossrdbms-aad.database.windows.net',
    botIssuer: 'https://api.botframework.com',
    botOpenIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    botLoginTenant: 'botframework.com',
    botScope: 'https://api.botframework.com/.default',
    // GCC tenants live in the global cloud and have a connector of their own.
    serviceHosts: ['smba.trafficmanager.net', 'smba.infra.gcc.teams.microsoft.com'],
    // Microsoft's own forwarding address, which follows the page when it moves.
    intuneUrl: 'https://go.microsoft.com/fwlink/?linkid=2109431',
  },
  usgov: {
    ...usGovernment,
    name: 'usgov',
    graphRoot: 'https://graph.microsoft.us',
    loginUrl: 'https://login.microsoftonline.us',
    serviceHosts: ['smba.infra.gov.teams.microsoft.us'],
    intuneUrl: 'https://intune.microsoft.us',
  },
  usgovdod: {
    ...usGovernment,
    name: 'usgovdod',
    graphRoot: 'https://dod-graph.microsoft.us',
    loginUrl: 'https://login.microsoftonline.us',
    serviceHosts: ['smba.infra.dod.teams.microsoft.us'],
    intuneUrl: 'https://intune.microsoft.us',
  },
};
