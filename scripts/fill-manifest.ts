/** Values for the `${{NAME}}` places of appPackage/manifest.json, by their names in the environment; an empty one counts as unset. */
export interface ManifestValues {
  readonly TEAMS_APP_ID?: string;
  readonly DEVELOPER_NAME?: string;
  /** As in the bot's own configuration: https, no trailing slash needed. */
  readonly PUBLIC_URL?: string;
  readonly BOT_ID?: string;
  readonly AAD_APP_CLIENT_ID?: string;
  /** Defaults to PUBLIC_URL. */
  readonly WEBSITE_URL?: string;
  /** Defaults to `api://botid-{AAD_APP_CLIENT_ID}`, as in the bot's configuration. */
  readonly AAD_APP_ID_URI?: string;
}

const derived: ReadonlySet<string> = new Set(['WEBSITE_URL', 'PUBLIC_HOST', 'AAD_APP_ID_URI']);
const guid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * The manifest's text with every place filled. Throws a sentence that names the values that are missing, are no GUID or no https
 * address: Teams would refuse the package with less to go by.
 */
export function fillManifest(template: string, values: ManifestValues): string {
  const { TEAMS_APP_ID, DEVELOPER_NAME, BOT_ID, AAD_APP_CLIENT_ID } = values;
  const publicUrl = withoutSlash(values.PUBLIC_URL ?? '');
  const all: Readonly<Record<string, string | undefined>> = {
    TEAMS_APP_ID,
    DEVELOPER_NAME,
    BOT_ID,
    AAD_APP_CLIENT_ID,
    AAD_APP_ID_URI: values.AAD_APP_ID_URI || `api://botid-${AAD_APP_CLIENT_ID}`,
    WEBSITE_URL: values.WEBSITE_URL || publicUrl,
    PUBLIC_URL: publicUrl,
    PUBLIC_HOST: URL.parse(publicUrl)?.hostname,
  };
  const missing = new Set<string>();
  const filled = template.replace(/\$\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = all[name];
    if (!value) missing.add(name);
    // The place is inside a JSON string.
    return JSON.stringify(value ?? '').slice(1, -1);
  });
  const needed = [...missing].filter((name) => !derived.has(name));
  if (needed.length > 0) throw new Error(`The manifest also needs ${needed.join(', ')}.`);
  const wrong = (names: readonly string[], isRight: (value: string) => boolean) =>
    names.filter((name) => !isRight(all[name] ?? ''));
  const noGuid = wrong(['TEAMS_APP_ID', 'BOT_ID', 'AAD_APP_CLIENT_ID'], (value) => guid.test(value));
  if (noGuid.length > 0) throw new Error(`Not a GUID: ${noGuid.join(', ')}.`);
  const noAddress = wrong(['PUBLIC_URL', 'WEBSITE_URL'], (value) => URL.parse(value)?.protocol === 'https:');
  if (noAddress.length > 0) throw new Error(`Not an https address: ${noAddress.join(', ')}.`);
  return filled;
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '');
