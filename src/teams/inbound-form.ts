/** `id`: names and addresses that are looked up, stored and sent. `text`: anything somebody may have typed. */
type Form = 'id' | 'text' | 'list' | readonly [name: string, form: Form][];

/** Teams' longest, of a meeting's thread, have some 150; a store's index takes no more than two thousand. */
const longestId = 512;

const account: Form = [
  ['id', 'id'],
  ['name', 'text'],
  ['aadObjectId', 'id'],
];

const form: Form = [
  ['id', 'id'],
  ['name', 'id'],
  ['channelId', 'id'],
  ['serviceUrl', 'id'],
  ['text', 'text'],
  ['locale', 'id'],
  ['replyToId', 'id'],
  ['action', 'id'],
  ['deliveryMode', 'id'],
  ['entities', 'list'],
  ['attachments', 'list'],
  ['membersAdded', 'list'],
  ['membersRemoved', 'list'],
  ['from', account],
  ['recipient', account],
  [
    'conversation',
    [
      ['id', 'id'],
      ['conversationType', 'id'],
      ['tenantId', 'id'],
    ],
  ],
  [
    'channelData',
    [
      ['tenant', [['id', 'id']]],
      ['team', [['id', 'id']]],
      ['eventType', 'id'],
    ],
  ],
];

/** The first part of an activity that is there and of another form than Bot Framework's; `null` counts as absent. */
export function findMalformed(value: unknown, parts: Form = form, path = ''): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (parts === 'id') return typeof value === 'string' && isId(value) ? undefined : path;
  if (parts === 'text') return typeof value === 'string' ? undefined : path;
  if (parts === 'list') return Array.isArray(value) ? undefined : path;
  if (typeof value !== 'object' || Array.isArray(value)) return path;
  for (const [name, of] of parts) {
    const wrong = findMalformed((value as Record<string, unknown>)[name], of, path ? `${path}.${name}` : name);
    if (wrong) return wrong;
  }
  return undefined;
}

/** PostgreSQL takes no NUL in a text, and half a character comes back as another. */
const isId = (value: string) => value.length <= longestId && value.isWellFormed() && !/\p{Cc}/u.test(value);
