// Starts a PostgreSQL as a test does, says where, and then does nothing until it is killed.
import { startPostgres } from './start-postgres.ts';

const postgres = await startPostgres();
process.stdout.write(`${JSON.stringify({ msg: 'started', ...postgres })}\n`);
setInterval(() => undefined, 1_000);
