// A run of all tests runs the built bot; this is the main job on the sources, as in development.
import { builtVariable } from '../support/tier.ts';

delete process.env[builtVariable];
await import('./main-job.test.ts');
