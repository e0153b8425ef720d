import { type CloudName, clouds } from '../../src/clouds.ts';
import type { Config } from '../../src/config.ts';
import { configWith } from '../support/environment.ts';
import { clientId, clientSecret, idUri, tenantId } from './entra-double.ts';

/** A configuration with an Entra at this address. */
export function entraConfig(authorityUrl: string, cloud: CloudName = 'global'): Config {
  const app = { clientId, idUri, credential: { kind: 'secret', secret: clientSecret } } as const;
  return {
    ...configWith({}),
    app,
    authorityUrl,
    cloud: clouds[cloud],
    publicUrl: 'https://bot.example',
    allowedTenants: [tenantId],
  };
}
