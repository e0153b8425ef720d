/**
 * Microsoft's addresses in one cloud. Tokens of one cloud are not accepted in another. Sources: learn.microsoft.com/graph/deployments,
 * learn.microsoft.com/entra/identity-platform/authentication-national-cloud, and the Azure Government and China pages of
 * learn.microsoft.com/azure/bot-service.
 */
export interface Cloud {
  readonly name: CloudName;
  /** Prefix of every Graph scope, whatever address Graph is reached at. */
  readonly graphRoot: string;
  readonly loginUrl: string;
  /** Issuer of the tokens with which the channel signs its requests. */
  readonly botIssuer: string;
  readonly botOpenIdMetadataUrl: string;
  /** Tenant and scope of the bot's own token for sending. */
  readonly botLoginTenant: string;
  readonly botScope: string;
  /** Exact hosts of Teams' connector; only https on the default port. */
  readonly serviceHosts: readonly string[];
}

export type CloudName = 'global' | 'usgov' | 'usgovdod' | 'china';

const usGovernmentBot = {
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
    botIssuer: 'https://api.botframework.com',
    botOpenIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    botLoginTenant: 'botframework.com',
    botScope: 'https://api.botframework.com/.default',
    // GCC tenants live in the global cloud and have a connector of their own.
    serviceHosts: ['smba.trafficmanager.net', 'smba.infra.gcc.teams.microsoft.com'],
  },
  usgov: {
    ...usGovernmentBot,
    name: 'usgov',
    graphRoot: 'https://graph.microsoft.us',
    loginUrl: 'https://login.microsoftonline.us',
    serviceHosts: ['smba.infra.gov.teams.microsoft.us'],
  },
  usgovdod: {
    ...usGovernmentBot,
    name: 'usgovdod',
    graphRoot: 'https://dod-graph.microsoft.us',
    loginUrl: 'https://login.microsoftonline.us',
    serviceHosts: ['smba.infra.dod.teams.microsoft.us'],
  },
  china: {
    name: 'china',
    graphRoot: 'https://microsoftgraph.chinacloudapi.cn',
    loginUrl: 'https://login.partner.microsoftonline.cn',
    botIssuer: 'https://api.botframework.azure.cn',
    botOpenIdMetadataUrl: 'https://login.botframework.azure.cn/v1/.well-known/openidconfiguration',
    botLoginTenant: 'microsoftservices.partner.onmschina.cn',
    botScope: 'https://api.botframework.azure.cn/.default',
    serviceHosts: ['msteams.botframework.azure.cn'],
  },
};
