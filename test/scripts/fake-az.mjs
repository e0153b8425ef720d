#!/usr/bin/env node
// Stands in for Azure CLI: answers from the directory in FAKE_AZ_STATE, and keeps what is made in it.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';

const { FAKE_AZ_STATE: file = '', FAKE_AZ_CALLS: calls = '' } = process.env;
const args = process.argv.slice(2);
appendFileSync(calls, `${JSON.stringify(args)}\n`);
const state = JSON.parse(readFileSync(file, 'utf8'));
const words = args.filter((word, index) => !word.startsWith('--') && !args[index - 1]?.startsWith('--')).join(' ');
const option = (name) => args[args.indexOf(`--${name}`) + 1];
const fail = (text, code = 3) => {
  process.stderr.write(`ERROR: ${text}\n`);
  process.exit(code);
};
const getApp = (id) => state.apps.find((each) => each.appId === id || each.id === id) ?? fail(`${id} does not exist`);
const quotedIn = (filter) => /'(.+)'$/.exec(filter)?.[1];

const commands = {
  'account show': () => state.account,
  'identity show': () => state.identities.find(({ id }) => id === option('ids')) ?? fail('Resource not found'),
  'ad app list': () => {
    const [key] = option('filter').split(' ');
    return state.apps.filter((app) => app[key] === quotedIn(option('filter')));
  },
  'ad app create': () => {
    const number = state.apps.length + 1;
    const ids = { id: `object-${number}`, appId: `00000000-0000-4000-8000-00000000000${number}` };
    const app = {
      ...ids,
      displayName: option('display-name'),
      signInAudience: option('sign-in-audience'),
      identifierUris: [],
    };
    state.apps.push(app);
    return app;
  },
  'ad app federated-credential list': () => getApp(option('id')).federated ?? [],
  'ad app federated-credential create': () => {
    const app = getApp(option('id'));
    app.federated = [...(app.federated ?? []), JSON.parse(option('parameters'))];
  },
  'ad app credential reset': () => {
    const app = getApp(option('id'));
    const endDateTime = new Date(Date.now() + 365 * 86_400_000).toISOString();
    app.passwordCredentials = [
      ...(app.passwordCredentials ?? []),
      { displayName: option('display-name'), endDateTime },
    ];
    return { appId: app.appId, password: `made-secret-of-${app.appId}` };
  },
  'ad sp list': () => state.principals.filter(({ appId }) => appId === quotedIn(option('filter'))),
  'ad sp create': () => state.principals.push({ appId: getApp(option('id')).appId }),
  rest: () => {
    const app = getApp(option('url').split('/').at(-1));
    const { api, ...rest } = JSON.parse(option('body'));
    const known = (api?.oauth2PermissionScopes ?? app.api?.oauth2PermissionScopes ?? []).map(({ id }) => id);
    for (const each of app.api ? (api.preAuthorizedApplications ?? []) : [])
      if (!each.delegatedPermissionIds.every((id) => known.includes(id))) fail('unknown permission', 1);
    if (!app.api && api.preAuthorizedApplications) fail('the scope must be there first', 1);
    Object.assign(app, rest, { api: { ...app.api, ...api } });
  },
  'resource list': () => (state.bot ? [{ name: state.bot.name }] : []),
  'bot create': () => {
    const properties = { endpoint: option('endpoint'), msaAppId: option('appid'), type: option('app-type') };
    state.bot = { name: option('name'), properties };
  },
  'bot show': () => state.bot,
  'bot update': () => {
    state.bot.properties.endpoint = option('endpoint');
  },
  'bot msteams show': () => state.channel ?? fail('(ResourceNotFound) the channel was not found'),
  'bot msteams create': () => {
    state.channel = { name: 'MsTeamsChannel' };
  },
};
const command = Object.hasOwn(commands, words) ? commands[words] : fail(`'${words}' is misspelled`, 2);
const answer = command();
writeFileSync(file, JSON.stringify(state));
if (answer !== undefined) process.stdout.write(JSON.stringify(answer));
