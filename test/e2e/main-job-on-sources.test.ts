// A run of all tests runs the built bot on botbuilder; this is the main job on the sources, as in development, and on the other host.
import { rehearseWith } from '../support/rehearsal.ts';
import { builtVariable } from '../support/tier.ts';

delete process.env[builtVariable];
rehearseWith({ TEAMS_HOST: 'agents' });
await import('./main-job.test.ts');
