import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EmulatorValidation } from 'botframework-connector';
import { startRehearsal } from '../rehearsal.ts';
import { createDoor } from './door.ts';

const rehearsal = await startRehearsal({ env: { MONITOR: 'off' } });
const { config, sandbox } = rehearsal;
const door = createDoor(rehearsal);
const tenant = door.chat.tenantId;
const botId = config.bot.id;

/** Whom the SDK takes for its emulator, or for a skill: whoever has a token of any tenant in the name of the bot itself. */
const anyTenants = [tenant, '00000000-1111-4222-8333-444444444444', 'd6d49420-f39b-4df7-a1dc-d59a935871db'].flatMap(
  (id) => [
    `https://sts.windows.net/${id}/`,
    `https://login.microsoftonline.com/${id}/v2.0`,
    `https://login.microsoftonline.us/${id}/v2.0`,
    `${config.authorityUrl}/${id}/v2.0`,
  ],
);
const inItsOwnName: readonly Readonly<Record<string, unknown>>[] = [
  { aud: botId, azp: botId, ver: '2.0' },
  { aud: botId, appid: botId, ver: '1.0' },
  { aud: botId, appid: botId },
  { aud: botId, appid: '', ver: '1.0' },
  { aud: botId, azp: '', ver: '2.0' },
  { aud: botId, azp: '00000000-1111-4222-8333-444444444444', ver: '2.0' },
  { aud: '', appid: '', ver: '1.0' },
];

suite('a token of a tenant in the name of the bot itself is refused (401), even one that the channel’s own key signed,', () => {
  for (const iss of anyTenants) {
    test(iss, async () => {
      for (const claims of inItsOwnName) {
        for (const more of [{}, { tid: tenant }, { oid: door.ada.aadObjectId, tid: tenant }]) {
          await door.isRefused(401, door.message(), { claims: { ...claims, ...more, iss } });
        }
      }
    });
  }

  test('and one that Entra signed', async () => {
    for (const claims of inItsOwnName) {
      const token = await sandbox.entra.issueAssertion(door.ada, {
        claims: { ...claims, serviceurl: door.message().serviceUrl },
      });
      await door.isRefused(401, door.message(), { authorization: `Bearer ${token}` });
    }
  });
});

test('a hundred of them teach the SDK no issuer', async () => {
  const { issuer } = EmulatorValidation.ToBotFromEmulatorTokenValidationParameters as {
    readonly issuer: readonly string[];
  };
  const before = [...issuer];
  for (let number = 0; number < 100; number += 1) {
    const tid = `00000000-1111-4222-8333-${String(number).padStart(12, '0')}`;
    const claims = { aud: botId, azp: botId, tid, iss: `https://sts.windows.net/${tid}/` };
    await door.send(door.message(), { claims });
  }
  assert.deepEqual([...issuer], before);
});

suite('a request that the SDK would check in another way is checked in the one way there is:', () => {
  for (const channelId of ['AseChannel', 'emulator', 'directline']) {
    test(`channel ${channelId}: without a token 401, with the channel’s 403`, async () => {
      await door.isRefused(401, door.message({ channelId }), { authorization: null });
      await door.isRefused(401, door.message({ channelId }), {
        claims: { iss: anyTenants[0], aud: botId, azp: botId },
      });
      await door.isRefused(403, door.message({ channelId }));
    });
  }

  test('an anonymous skill', async () => {
    const from = { id: 'skill', role: 'skill', aadObjectId: door.ada.aadObjectId };
    await door.isRefused(401, door.message({ from }), { authorization: null });
    await door.isRefused(401, door.message({ from }), { claims: { appid: 'AnonymousSkill', iss: undefined } });
  });

  test('claims of a skill in a token of the channel make nobody more than the channel is', async () => {
    await door.isAnswered(door.message(), { claims: { appid: '00000000-1111-4222-8333-444444444444', ver: '1.0' } });
  });

  test('claims of any kind in a token of the channel are no fault', async () => {
    for (const odd of [{ toString: 1, valueOf: 1 }, null, [], { __proto__: null }, 5, true]) {
      await door.isAnswered(door.message(), { claims: { odd, role: odd } });
    }
  });
});
