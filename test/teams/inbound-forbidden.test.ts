import { suite, test } from 'node:test';
import { northwind } from '../../sandbox/seed/tenants.ts';
import { startRehearsal } from '../rehearsal.ts';
import { type Changes, createDoor } from './door.ts';

const rehearsal = await startRehearsal({ env: { MONITOR: 'off' } });
const { sandbox } = rehearsal;
const door = createDoor(rehearsal);
const { host, port } = new URL(sandbox.baseUrl);
const here = door.message();
const conversation = here.conversation as Changes;

suite('a signed request is refused (403) that asks for answers at', () => {
  for (const serviceUrl of [
    'https://evil.example/connector/',
    `http://user@${host}/connector/`,
    `http://user:pass@${host}/connector/`,
    `http://${host}@evil.example/connector/`,
    `http://127.0.0.1:${Number(port) + 1}/connector/`,
    `https://${host}/connector/`,
    `http://localhost:${port}/connector/`,
    `http://127.0.0.1.evil.example:${port}/connector/`,
    `http://${host}/`,
    `http://${host}/connector-of-somebody-else/`,
    `http://${host}/connector/../graph/`,
    `http://${host}/connector/%2e%2e/graph/`,
    `http://${host}/graph/connector/`,
    `http://${host}/connector/?to=evil`,
    `http://${host}/connector/#evil`,
    'https://smba.trafficmanager.net.evil.example/emea/',
    'https://smba.trafficmanager.net:8443/emea/',
    'http://smba.trafficmanager.net/emea/',
    'https://smba.infra.gov.teams.microsoft.us/',
    'file:///etc/passwd',
    '',
  ]) {
    // The token says the same address, so nothing but the list of allowed ones stands in the way.
    test(serviceUrl || 'no address', () => door.isRefused(403, door.message({ serviceUrl })));
  }
});

suite('a signed request is refused (403) that comes', () => {
  for (const channelId of ['emulator', 'webchat', 'directline', 'MSTeams', 'msteams ', '', null]) {
    test(`from the channel ${JSON.stringify(channelId)}`, () => door.isRefused(403, door.message({ channelId })));
  }

  const tenants: Readonly<Record<string, Changes>> = {
    'from a tenant that is not allowed': {
      conversation: { ...conversation, tenantId: northwind.id },
      channelData: { tenant: { id: northwind.id } },
    },
    'from a tenant that is not allowed, told by one of two places alone': {
      conversation: { ...conversation, tenantId: undefined },
      channelData: { tenant: { id: northwind.id } },
    },
    'from an allowed tenant in a conversation of another': {
      conversation: { ...conversation, tenantId: northwind.id },
    },
    'from another tenant in a conversation of an allowed one': {
      channelData: { tenant: { id: northwind.id } },
    },
    'from two allowed tenants at once': {
      channelData: { tenant: { id: sandbox.person('signe').tenantId } },
    },
    'from an allowed and an empty tenant': { channelData: { tenant: { id: '' } } },
    'from no tenant': { conversation: { ...conversation, tenantId: undefined }, channelData: undefined },
    'from no tenant, in nulls': { conversation: { ...conversation, tenantId: null }, channelData: { tenant: null } },
    'without conversation and channel data': { conversation: undefined, channelData: undefined },
    'from a tenant whose id has spaces around': {
      conversation: { ...conversation, tenantId: ` ${door.chat.tenantId}` },
      channelData: { tenant: { id: ` ${door.chat.tenantId}` } },
    },
    'from a tenant in the person’s own words alone': {
      conversation: { id: door.chat.id },
      channelData: undefined,
      from: { ...(here.from as Changes), tenantId: door.chat.tenantId },
    },
  };
  for (const [name, changes] of Object.entries(tenants)) test(name, () => door.isRefused(403, door.message(changes)));

  test('by an invoke from elsewhere, before any sign-in is looked at', () => {
    const value = { id: 'x', connectionName: 'vpp-sync', token: 'canary' };
    const changes = {
      type: 'invoke',
      name: 'signin/tokenExchange',
      value,
      channelData: { tenant: { id: northwind.id } },
    };
    return door.isRefused(403, door.message(changes));
  });
});

suite('a signed request is let in', () => {
  test('when one of the two places says its tenant', async () => {
    await door.isAnswered(door.message({ channelData: undefined }));
    await door.isAnswered(door.message({ conversation: { ...conversation, tenantId: undefined } }));
  });

  test('in whichever case its tenant is written', () =>
    door.isAnswered(door.message({ channelData: { tenant: { id: door.chat.tenantId.toUpperCase() } } })));

  test('from a guest within an allowed conversation', () => {
    const gita = sandbox.person('gita');
    return door.isAnswered(door.messageFrom(gita, sandbox.conversations.personal(gita)));
  });
});
