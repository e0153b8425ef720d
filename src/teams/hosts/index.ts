import type { Config } from '../../config.ts';
import { agentsHostingVersion } from '../../lib/package-files.ts';
import type { Handle, Host } from '../bot.ts';

/** Loads one SDK and leaves the other where it is. Rejects with a sentence for the operator when its package is not installed. */
export async function loadHost(name: Config['teamsHost'], handle: Handle): Promise<Host> {
  if (name === 'botbuilder') return (await import('./botbuilder.ts')).createHost(handle);
  const { createHost } = await import('./agents.ts').catch((cause: unknown) => {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    const install = `npm install --prefix dist --no-save @microsoft/agents-hosting@${agentsHostingVersion}`;
    throw new Error(`TEAMS_HOST agents needs a package that is not installed: ${install}`, { cause });
  });
  return createHost(handle);
}
