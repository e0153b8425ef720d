/**
 * Microsoft's addresses in one cloud. Tokens of one cloud are not accepted in another. Sources: learn.microsoft.com/graph/deployments,
 * learn.microsoft.com/entra/identity-platform/authentication-national-cloud and the Azure Government pages of
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
  /** Apple VPP tokens in the Intune admin center. */
  readonly intuneUrl: string;
}

export type CloudName = 'global' | 'usgov' | 'usgovdod';

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
    // Microsoft's own forwarding address, which follows the page when it moves.
    intuneUrl: 'https://go.microsoft.com/fwlink/?linkid=2109431',
  },
  usgov: {
    ...usGovernmentBot,
    name: 'usgov',
    graphRoot: 'https://graph.microsoft.us',
    loginUrl: 'https://login.microsoftonline.us',
    serviceHosts: ['smba.infra.gov.teams.microsoft.us'],
    intuneUrl: 'https://intune.microsoft.us',
  },
  usgovdod: {
    ...usGovernmentBot,
    name: 'usgovdod',
    graphRoot: 'https://dod-graph.microsoft.us',
    loginUrl: 'https://login.microsoftonline.us',
    serviceHosts: ['smba.infra.dod.teams.microsoft.us'],
    intuneUrl: 'https://intune.microsoft.us',
  },
};
