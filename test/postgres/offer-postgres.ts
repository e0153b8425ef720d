import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type MissingPostgres, type StartedPostgres, startPostgres } from './start-postgres.ts';

/** The variable with the address at which a test process asks for the run's PostgreSQL. */
export const offerVariable = 'VPP_SYNC_TEST_POSTGRES';

export interface PostgresOffer {
  /** Goes into `offerVariable` of the test processes. */
  readonly address: string;
  close(): Promise<void>;
}

/** One PostgreSQL for all test processes of a run, started when the first of them asks. */
export async function offerPostgres(): Promise<PostgresOffer> {
  let asked: Promise<StartedPostgres | MissingPostgres> | undefined;
  const server = createServer(async (_, response) => {
    asked ??= startPostgres();
    const { url, missing } = { url: undefined, missing: undefined, ...(await asked) };
    response.end(JSON.stringify({ url, missing }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      const started = await asked;
      if (started && 'url' in started) await started.close();
    },
  };
}
