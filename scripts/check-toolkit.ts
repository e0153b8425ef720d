// Checks the Toolkit's files with its own CLI, in a copy of the project and without a sign-in: npm run check-toolkit
// The CLI is no dependency, as it brings over 500 packages; where it is absent, that is said and nothing is checked. ATK may name its path.
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { readConfig } from '../src/config.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const atk = process.env.ATK ?? 'atk';
const say = (text: string) => process.stdout.write(`${text}\n`);

/** Made-up values in place of what provisioning and the tunnel write. */
const values = {
  TEAMS_APP_ID: '5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f11',
  BOT_ID: '5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f12',
  AAD_APP_CLIENT_ID: '5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f13',
  AAD_APP_TENANT_ID: '5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f14',
  AAD_APP_ID_URI: 'api://botid-5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f13',
  DEVELOPER_NAME: 'Contoso IT',
  WEBSITE_URL: 'https://contoso.com',
  PUBLIC_URL: 'https://vpp.contoso.com',
  PUBLIC_HOST: 'vpp.contoso.com',
};
const secrets = { SECRET_BOT_PASSWORD: 'made-up', SECRET_AAD_APP_CLIENT_SECRET: 'made-up' };

/** A copy of what git has or would add. */
function copyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vpp-sync-toolkit-'));
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  for (const path of listed.split('\n')) {
    if (path !== '' && existsSync(join(root, path))) cpSync(join(root, path), join(folder, path));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const lines = (of: Readonly<Record<string, string>>) =>
    Object.entries(of)
      .map(([name, value]) => `\n${name}="${value}"`)
      .join('');
  for (const env of ['dev', 'local']) {
    appendFileSync(join(folder, `env/.env.${env}`), lines(values));
    appendFileSync(join(folder, `env/.env.${env}.user`), lines(secrets));
  }
  return folder;
}

let failures = 0;

function check(what: string, run: () => string | undefined): void {
  const fault = run();
  if (fault !== undefined) failures += 1;
  say(fault === undefined ? `good: ${what}` : `FAILED: ${what}\n${fault}`);
}

function checkWithToolkit(folder: string): void {
  const toolkit = (...args: string[]) => {
    const ended = spawnSync(atk, [...args, '--interactive', 'false', '--telemetry', 'false'], {
      cwd: folder,
      encoding: 'utf8',
      shell: process.platform === 'win32',
      timeout: 300_000,
    });
    return ended.status === 0 ? undefined : `${ended.stdout}${ended.stderr}`.slice(-3000);
  };
  check('atk validate: the manifest', () =>
    toolkit('validate', '--manifest-file', 'appPackage/manifest.json', '--env-file', 'env/.env.dev'),
  );
  check('atk package: m365agents.yml and the app package', () => toolkit('package', '--env', 'dev'));
  check('atk package: m365agents.local.yml', () => toolkit('package', '--env', 'local'));
  check('atk deploy: the bot on this machine', () => toolkit('deploy', '--env', 'local'));
  check('what it starts the bot with is a configuration', () => {
    const read = readConfig(parseEnv(readFileSync(join(folder, '.localConfigs'), 'utf8')));
    return 'problems' in read ? read.problems.join('\n') : undefined;
  });
}

if (spawnSync(atk, ['--version'], { shell: process.platform === 'win32' }).error) {
  say('not checked: the Toolkit’s files (atk is absent; it is the npm package @microsoft/m365agentstoolkit-cli)');
} else {
  const folder = copyProject();
  try {
    checkWithToolkit(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exitCode = failures > 0 ? 1 : 0;
