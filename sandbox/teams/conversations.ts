import { createHash } from 'node:crypto';
import type { ConversationKind } from '../../src/domain/turn.ts';
import type { SandboxPerson } from '../contract.ts';

/** A place in Teams where people and the bot talk. A channel's threads share it; their ids add `;messageid=`. */
export interface TeamsConversation {
  /** Short stable handle for tests and the page, such as `personal-ada`, `group` or `channel-general`. */
  readonly key: string;
  readonly kind: ConversationKind;
  /** Teams' id, without a thread. */
  readonly id: string;
  readonly name: string;
  readonly tenantId: string;
  readonly members: readonly SandboxPerson[];
  readonly team?: { readonly id: string; readonly name: string };
}

export type Conversations = ReturnType<typeof createConversations>;

/**
 * A personal chat for everybody, and for the tenant most people are of: one group chat and one team with two channels.
 * Guests are in these too, and their personal chat is in that tenant: that is where they meet the bot.
 */
export function createConversations(people: readonly SandboxPerson[], teamName = 'Device Management') {
  const tenantId = mostCommon(people.map(tenantWhereTheyMeet));
  const colleagues = people.filter((each) => tenantWhereTheyMeet(each) === tenantId);
  const personal = people.map(
    (person): TeamsConversation => ({
      key: `personal-${person.key}`,
      kind: 'personal',
      id: `a:1${digest(`personal ${person.teamsId}`, 'base64url')}`,
      name: 'VPP Sync',
      tenantId: tenantWhereTheyMeet(person),
      members: [person],
    }),
  );
  const group: TeamsConversation = {
    key: 'group',
    kind: 'groupChat',
    id: `19:${digest('group', 'hex').slice(0, 32)}@thread.v2`,
    name: 'Devices stand-up',
    tenantId,
    members: colleagues,
  };
  const team = { id: channelId('team'), name: teamName };
  const channel = (key: string, name: string): TeamsConversation => ({
    key: `channel-${key}`,
    kind: 'channel',
    id: key === 'general' ? team.id : channelId(key),
    name,
    tenantId,
    members: colleagues,
    team,
  });
  const channels = [channel('general', 'General'), channel('apple', 'Apple devices')] as const;
  const all = [...personal, group, ...channels];
  return {
    group,
    /** The team's General channel. */
    channel: channels[0],
    channels,
    list: () => all,
    find: (key: string) => all.find((each) => each.key === key),
    findById: (id: string) => all.find((each) => each.id === id),
    personal(person: SandboxPerson | string): TeamsConversation {
      const key = typeof person === 'string' ? person : person.key;
      const found = personal.find((each) => each.key === `personal-${key}`);
      if (!found) throw new Error(`Nobody is called ${key} in the rehearsal tenant.`);
      return found;
    },
  };
}

/** Splits a conversation's id into its place and its thread. `malformed` when the thread part is not `;messageid=` and digits. */
export function parseConversationId(id: string): { id: string; rootId?: string } | 'malformed' {
  const [place = '', ...rest] = id.split(';');
  if (rest.length === 0) return { id: place };
  const thread = /^messageid=(\d{1,16})$/.exec(rest.join(';'));
  return thread?.[1] && place.endsWith('@thread.tacv2') ? { id: place, rootId: thread[1] } : 'malformed';
}

const tenantWhereTheyMeet = (person: SandboxPerson) => person.guestIn ?? person.tenantId;
const digest = (text: string, encoding: 'hex' | 'base64url') => createHash('sha256').update(text).digest(encoding);
const channelId = (key: string) => `19:${digest(`channel ${key}`, 'base64url').replaceAll('-', 'a')}1@thread.tacv2`;

function mostCommon(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  if (!most) throw new Error('The rehearsal tenant has nobody in it.');
  return most[0];
}
