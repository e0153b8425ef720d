import { type CloudName, clouds } from '../../src/clouds.ts';
import { clientId, clientSecret, idUri, tenantId } from './entra-double.ts';

/** The part of a Config that identity needs, for an Entra at this address. */
export function entraConfig(authorityUrl: string, cloud: CloudName = 'global') {
  return {
    app: { clientId, idUri, clientSecret },
    authorityUrl,
    cloud: clouds[cloud],
    publicUrl: 'https://bot.example',
    allowedTenants: [tenantId],
  };
}
