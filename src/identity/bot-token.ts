import { ConfidentialClientApplication, ManagedIdentityApplication } from '@azure/msal-node';
import type { Config } from '../config.ts';
import { createNetworkClient } from './network-client.ts';

/** The bot's own token for Teams' connector, kept by MSAL until shortly before its end. Rejects when Entra refuses. */
export type GetBotToken = () => Promise<string>;

/** As BOT_TYPE says: with the bot's password at its own or Bot Framework's tenant, or with a managed identity and no secret. */
export function createGetBotToken({ bot, cloud }: Pick<Config, 'bot' | 'cloud'>): GetBotToken {
  const networkClient = createNetworkClient({ authorityUrl: cloud.loginUrl });
  if (bot.type === 'UserAssignedMsi') {
    const application = new ManagedIdentityApplication({
      managedIdentityIdParams: { userAssignedClientId: bot.id },
      system: { networkClient },
    });
    const resource = cloud.botScope.replace(/\/\.default$/, '');
    return async () => (await application.acquireToken({ resource })).accessToken;
  }
  const tenant = bot.type === 'SingleTenant' ? (bot.tenantId ?? '') : cloud.botLoginTenant;
  const application = new ConfidentialClientApplication({
    auth: { clientId: bot.id, clientSecret: bot.password ?? '', authority: `${cloud.loginUrl}/${tenant}` },
    system: { networkClient },
  });
  return async () => {
    const result = await application.acquireTokenByClientCredential({ scopes: [cloud.botScope] });
    if (!result?.accessToken) throw new Error('Entra gave the bot no token for Teams');
    return result.accessToken;
  };
}
