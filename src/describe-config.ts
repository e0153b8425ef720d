import type { Config } from './config.ts';

/** The configuration for the log: what explains the bot's behaviour, and no secret. */
export function describeConfig(config: Config): object {
  return {
    publicUrl: config.publicUrl,
    cloud: config.cloud.name,
    botType: config.bot.type,
    signInWith: config.app.certificatePath ? 'certificate' : 'secret',
    tenants: config.allowedTenants.length,
    database: config.database.kind,
    graphBeta: config.graphBeta,
    monitor: config.monitor,
    rehearsal: config.extraServiceUrls.length > 0,
  };
}
