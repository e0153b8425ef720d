import { offerVariable } from './offer-postgres.ts';
import { type MissingPostgres, startPostgres } from './start-postgres.ts';

let asked: Promise<FoundPostgres | MissingPostgres> | undefined;

export interface FoundPostgres {
  /** Address of its database `postgres`, as its superuser. */
  readonly url: string;
}

/** The PostgreSQL that this run of the tests shares; a test file that is run by itself gets one of its own. */
export function findPostgres(): Promise<FoundPostgres | MissingPostgres> {
  asked ??= find();
  return asked;
}

async function find(): Promise<FoundPostgres | MissingPostgres> {
  const offer = process.env[offerVariable];
  if (offer) return (await (await fetch(offer)).json()) as FoundPostgres | MissingPostgres;
  return startPostgres();
}
