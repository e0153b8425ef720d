import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { AppManifestUtils } from '@microsoft/app-manifest';
import { fillManifest } from '../../scripts/fill-manifest.ts';
import { withChineseMenu, withMenu } from '../../scripts/write-menu.ts';
import { parse } from '../../src/dialogs/command.ts';
import { commands } from '../support/commands.ts';

const folder = new URL('../../appPackage/', import.meta.url);
const template = readFileSync(new URL('manifest.json', folder), 'utf8');
const values = {
  TEAMS_APP_ID: '5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f11',
  DEVELOPER_NAME: 'Contoso “IT”',
  PUBLIC_URL: 'https://vpp.contoso.com/',
  BOT_ID: '5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f12',
  AAD_APP_CLIENT_ID: '5f0a4c1e-7a60-4b0e-9a57-0d3c2b1a4f13',
};
const manifest = JSON.parse(fillManifest(template, values));
const chinese = JSON.parse(readFileSync(new URL('zh-cn.json', folder), 'utf8'));

test('the filled manifest keeps to its released schema', async () => {
  assert.deepEqual(await AppManifestUtils.validateAgainstSchema(manifest), []);
});

test('the Chinese file keeps to the schema of language files', async () => {
  const path = 'build/json-schemas/teams/v1.30/MicrosoftTeams.Localization.schema.json';
  const root = createRequire(import.meta.url)
    .resolve('@microsoft/app-manifest')
    .replace(/build\/index\.js$/, '');
  const schema = JSON.parse(readFileSync(`${root}${path}`, 'utf8'));
  // Some of its patterns are no regular expressions under the Unicode flag; those of bots are, and no others are used here.
  const patterns = Object.entries(schema.patternProperties).filter(([pattern]) => pattern.startsWith('^bots'));
  const usable = { ...schema, patternProperties: Object.fromEntries(patterns) };
  assert.deepEqual(await AppManifestUtils.validateAgainstSchema(chinese, usable), []);
  assert.notDeepEqual(await AppManifestUtils.validateAgainstSchema({ ...chinese, nonsense: 'x' }, usable), []);
  assert.match(chinese.$schema, new RegExp(`/${manifest.manifestVersion}/|/v${manifest.manifestVersion}/`));
});

test('the schema check is alive', async () => {
  const faults = await AppManifestUtils.validateAgainstSchema({ ...manifest, id: 'not a guid' });
  assert.notDeepEqual(faults, []);
});

test('the Chinese file translates every text of the manifest', () => {
  const commands = manifest.bots[0].commandLists[0].commands.flatMap((_: unknown, index: number) =>
    ['title', 'description'].map((part) => `bots[0].commandLists[0].commands[${index}].${part}`),
  );
  const expected = ['$schema', 'name.short', 'name.full', 'description.short', 'description.full', ...commands];
  assert.deepEqual(Object.keys(chinese).sort(), expected.sort());
});

test('Teams’ menu is made from the words of the help, in both languages', () => {
  assert.deepEqual(withMenu(manifest), manifest, 'appPackage/manifest.json is behind: run “npm run menu”');
  assert.deepEqual(withChineseMenu(chinese), chinese, 'appPackage/zh-cn.json is behind: run “npm run menu”');
});

test('the menu has twelve commands at most, signing out among them, and none has a prompt', () => {
  const { commands } = manifest.bots[0].commandLists[0];
  const titles = commands.map(({ title }: { title: string }) => title);
  assert.ok(titles.length <= 12, 'Teams shows twelve: take one out of inMenu in scripts/write-menu.ts');
  assert.ok(titles.includes('sign out'));
  // Teams lets no bot with prompts post a welcome.
  for (const command of commands) assert.deepEqual(Object.keys(command), ['title', 'description', 'type']);
  for (const { type } of commands) assert.equal(type, 'basic');
});

test('every command of the menu, as Teams types it and as a slash command, is one of the bot’s', () => {
  const { commands: english } = manifest.bots[0].commandLists[0];
  for (const [index, { title }] of english.entries()) {
    const others = [title, `/${title}`, chinese[`bots[0].commandLists[0].commands[${index}].title`]];
    const read = others.map((text) => parse(text, commands));
    for (const each of read) assert.ok(each.kind === 'call', `${others}: ${each.kind}`);
    assert.equal(new Set(read.map((each) => each.kind === 'call' && each.command.name)).size, 1, others.join());
  }
});

test('shared and private channels, targeted messages and slash commands are declared', () => {
  assert.equal(manifest.supportsChannelFeatures, 'tier1');
  assert.equal(manifest.bots[0].supportsTargetedMessages, true);
  assert.deepEqual(manifest.bots[0].commandLists[0].triggers, ['mention', 'slash']);
  assert.equal(manifest.defaultInstallScope, 'personal');
  assert.deepEqual(manifest.defaultGroupCapability, { team: 'bot', groupchat: 'bot' });
});

test('the bot can be used in personal, group and channel conversations, with commands in each', () => {
  assert.deepEqual(manifest.bots[0].scopes, ['personal', 'team', 'groupChat']);
  assert.deepEqual(manifest.bots[0].commandLists[0].scopes, manifest.bots[0].scopes);
});

test('has no activity feed, message extension, tab or files, whose rules it would have to keep', () => {
  for (const part of [
    'activities',
    'composeExtensions',
    'staticTabs',
    'configurableTabs',
    'meetingExtensionDefinition',
  ])
    assert.equal(manifest[part], undefined, part);
  assert.equal(manifest.bots[0].supportsFiles, false);
});

test('the name leads with nobody else’s product', () => {
  for (const name of [manifest.name.short, manifest.name.full, chinese['name.short'], chinese['name.full']]) {
    assert.doesNotMatch(name, /^(Microsoft|Teams|Intune|Apple)/i);
  }
});

test('the description says that an administrator must set it up once', () => {
  assert.match(manifest.description.full, /One-time setup: an administrator/);
  assert.match(chinese['description.full'], /一次性设置：.*管理员/);
});

test('domains are the bot’s own and the token service, without wildcards', () => {
  assert.deepEqual(manifest.validDomains, ['vpp.contoso.com', 'token.botframework.com']);
});

test('signing in names the app and its resource, which may be overridden', () => {
  assert.deepEqual(manifest.webApplicationInfo, {
    id: values.AAD_APP_CLIENT_ID,
    resource: `api://botid-${values.AAD_APP_CLIENT_ID}`,
  });
  const other = JSON.parse(fillManifest(template, { ...values, AAD_APP_ID_URI: 'api://elsewhere' }));
  assert.equal(other.webApplicationInfo.resource, 'api://elsewhere');
});

test('privacy and terms are pages of the bot', () => {
  assert.equal(manifest.developer.privacyUrl, 'https://vpp.contoso.com/privacy');
  assert.equal(manifest.developer.termsOfUseUrl, 'https://vpp.contoso.com/terms');
});

test('names every value that is missing', () => {
  assert.throws(() => fillManifest(template, { ...values, BOT_ID: '', TEAMS_APP_ID: '' }), {
    message: 'The manifest also needs TEAMS_APP_ID, BOT_ID.',
  });
  assert.throws(() => fillManifest(template, { ...values, PUBLIC_URL: '' }), {
    message: 'The manifest also needs PUBLIC_URL.',
  });
});

test('an empty value counts as unset, as in the files of an environment', () => {
  const filled = JSON.parse(fillManifest(template, { ...values, AAD_APP_ID_URI: '', WEBSITE_URL: '' }));
  assert.equal(filled.webApplicationInfo.resource, manifest.webApplicationInfo.resource);
  assert.equal(filled.developer.websiteUrl, manifest.developer.websiteUrl);
});

test('refuses what is no GUID or no https address', () => {
  assert.throws(() => fillManifest(template, { ...values, BOT_ID: 'vpp-bot', TEAMS_APP_ID: '{5f0a}' }), {
    message: 'Not a GUID: TEAMS_APP_ID, BOT_ID.',
  });
  for (const PUBLIC_URL of ['http://vpp.contoso.com', 'ftp://vpp.contoso.com']) {
    assert.throws(() => fillManifest(template, { ...values, PUBLIC_URL }), /Not an https address: PUBLIC_URL/);
  }
  assert.throws(() => fillManifest(template, { ...values, WEBSITE_URL: 'http://contoso.com' }), /WEBSITE_URL/);
});

test('the website is the operator’s, or the bot’s own first page', () => {
  assert.equal(manifest.developer.websiteUrl, 'https://vpp.contoso.com');
  const WEBSITE_URL = 'https://contoso.com/it';
  assert.equal(JSON.parse(fillManifest(template, { ...values, WEBSITE_URL })).developer.websiteUrl, WEBSITE_URL);
});

test('a value cannot break out of its place', () => {
  const name = 'Contoso", "x": "$&\\';
  assert.equal(JSON.parse(fillManifest(template, { ...values, DEVELOPER_NAME: name })).developer.name, name);
});
