import type { ConversationReference, Person } from '../../src/domain/turn.ts';

export const at = Date.UTC(2026, 10, 23, 9, 0, 0);
export const minuteMs = 60_000;
export const dayMs = 24 * 60 * minuteMs;

export const ada: Person = {
  tenantId: '11111111-2222-4333-8444-555555555555',
  aadObjectId: '0a1d7c64-5e92-4f3b-8a60-1b2c3d4e5a01',
  teamsId: '29:1ada',
  name: 'Ada "<b>Ö</b>" 陈',
};

export const elif: Person = {
  ...ada,
  aadObjectId: '0a1d7c64-5e92-4f3b-8a60-1b2c3d4e5a02',
  teamsId: '29:1elif',
  name: 'Elif',
};

export const thread: ConversationReference = {
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  id: '19:team@thread.tacv2;messageid=1700000000000',
  kind: 'channel',
  tenantId: ada.tenantId,
  bot: { id: '28:bot', name: 'VPP Sync' },
};
