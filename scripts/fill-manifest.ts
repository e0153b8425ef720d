// Prints the app's manifest, filled from the environment: npm run --silent manifest > manifest.json
import { readFileSync } from 'node:fs';

/** Values for the `${{NAME}}` places of appPackage/manifest.json, by their names in the environment. */
export interface ManifestValues {
  readonly TEAMS_APP_ID: string;
  readonly DEVELOPER_NAME: string;
  /** As the bot itself is told: https, no trailing slash needed. */
  readonly PUBLIC_URL: string;
  readonly BOT_ID: string;
  readonly AAD_APP_CLIENT_ID: string;
  /** Defaults to `api://{host of PUBLIC_URL}/botid-{BOT_ID}`, as in the bot's configuration. */
  readonly AAD_APP_ID_URI?: string;
}

/** The manifest's text with every place filled. Throws a sentence that names the places left. */
export function fillManifest(template: string, values: ManifestValues): string {
  const publicUrl = URL.parse(values.PUBLIC_URL);
  if (publicUrl === null) throw new Error('PUBLIC_URL is not an address.');
  const { host, hostname } = publicUrl;
  const all: Readonly<Record<string, string>> = {
    AAD_APP_ID_URI: `api://${host}/botid-${values.BOT_ID}`,
    ...values,
    PUBLIC_URL: values.PUBLIC_URL.replace(/\/+$/, ''),
    PUBLIC_HOST: hostname,
  };
  const missing = new Set<string>();
  const filled = template.replace(/\$\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = all[name];
    if (!value) missing.add(name);
    // The place stands inside a JSON string.
    return JSON.stringify(value ?? '').slice(1, -1);
  });
  if (missing.size > 0) throw new Error(`The manifest also needs ${[...missing].join(', ')}.`);
  return filled;
}

if (import.meta.main) {
  const {
    TEAMS_APP_ID = '',
    DEVELOPER_NAME = '',
    PUBLIC_URL = '',
    BOT_ID = '',
    AAD_APP_CLIENT_ID = '',
    AAD_APP_ID_URI,
  } = process.env;
  const template = readFileSync(new URL('../appPackage/manifest.json', import.meta.url), 'utf8');
  const values = { TEAMS_APP_ID, DEVELOPER_NAME, PUBLIC_URL, BOT_ID, AAD_APP_CLIENT_ID };
  try {
    process.stdout.write(fillManifest(template, { ...values, ...(AAD_APP_ID_URI && { AAD_APP_ID_URI }) }));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
