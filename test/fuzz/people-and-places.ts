import type { Random } from '../support/random.ts';
import { botId, type FuzzPerson, serviceUrl, tenant } from './whole-bot.ts';

export interface Person extends FuzzPerson {
  readonly teamsId: string;
  /** Says and presses what syncs. Nobody else's token may ever write. */
  readonly syncs: boolean;
}

export interface Place {
  readonly id: string;
  readonly kind: 'personal' | 'groupChat' | 'channel';
}

export type Activity = Readonly<Record<string, unknown>>;

const personOf = (number: number, syncs: boolean): Person => ({
  oid: `0000000${number}-aaaa-4bbb-8ccc-dddddddddddd`,
  teamsId: `29:1person${number}`,
  name: ['Ada Lovelace', '王伟', 'Élif Şahin', 'O’Brien <b>', 'x'.repeat(200), '​'][number % 6] ?? '',
  syncs,
});

export const people: readonly Person[] = [0, 1, 2, 3, 4, 5].map((number) => personOf(number, number % 3 === 0));

const shared: readonly Place[] = [
  { id: '19:group@thread.v2', kind: 'groupChat' },
  { id: '19:channel@thread.tacv2;messageid=1700000000000', kind: 'channel' },
];

export const pickPlace = (random: Random, person: Person): Place =>
  random.pick([{ id: `a:1chat-${person.oid}`, kind: 'personal' }, ...shared]);

let last = 0;

/** An activity as Teams sends it, with an id of its own. */
export function activityOf(person: Person, place: Place, parts: Activity): Activity {
  last += 1;
  const isChannel = place.kind === 'channel';
  return {
    id: `${1_700_000_000_000 + last}`,
    channelId: 'msteams',
    serviceUrl,
    timestamp: '2026-11-23T09:00:00.000Z',
    localTimestamp: '2026-11-23T09:00:00.000Z',
    localTimezone: 'Europe/Berlin',
    locale: last % 3 === 0 ? 'zh-CN' : 'en-US',
    from: { id: person.teamsId, name: person.name, aadObjectId: person.oid },
    recipient: { id: `28:${botId}`, name: 'VPP Sync' },
    conversation: {
      conversationType: place.kind,
      tenantId: tenant,
      id: place.id,
      ...(isChannel && { isGroup: true, name: 'c' }),
    },
    entities: [{ type: 'clientInfo', locale: 'en-US', country: 'US', platform: 'Web', timezone: 'Europe/Berlin' }],
    channelData: {
      tenant: { id: tenant },
      ...(isChannel && {
        team: { id: '19:team', name: 'Team' },
        channel: { id: place.id },
        settings: { selectedChannel: { id: '19:a@thread.tacv2' } },
      }),
    },
    ...parts,
  };
}

export function messageOf(person: Person, place: Place, said: string): Activity {
  if (place.kind === 'personal') return activityOf(person, place, { type: 'message', text: said, textFormat: 'plain' });
  const mention = { type: 'mention', mentioned: { id: `28:${botId}`, name: 'VPP Sync' }, text: '<at>VPP Sync</at>' };
  return activityOf(person, place, { type: 'message', text: `<at>VPP Sync</at>&nbsp;${said}`, entities: [mention] });
}

export const invokeOf = (person: Person, place: Place, name: string, value: unknown, replyToId?: string): Activity =>
  activityOf(person, place, { type: 'invoke', name, value, ...(replyToId && { replyToId }) });
