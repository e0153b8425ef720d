import { currentVersion, type TeamsMessage } from '../../sandbox/teams/timeline.ts';

/** The alerts of one message. `rows`: each as `title: key`; `total`: how many it is about, those that it only counts included. */
export interface AlertMessage {
  readonly kind: 'card' | 'digest' | 'line' | 'other';
  readonly rows: readonly string[];
  readonly total: number;
}

const names: Readonly<Record<string, string>> = {
  'Token deleted': 'deleted',
  Expired: 'expired',
  Invalid: 'invalid',
  'In use by another MDM': 'mdm',
  'Duplicate location': 'duplicate',
  Expiring: 'expiring',
  'Sync failed': 'failed',
  'Sync stuck': 'stuck',
  'Not synced recently': 'stale',
  'Licences running out': 'licences',
  'Monitoring broken': 'monitoring',
};

/** A condition and its stage as a key, out of the words for what is wrong. */
function keyOf(what: string): string {
  if (what.includes('was deleted from Intune')) return 'deleted';
  if (what.includes('has expired')) return 'expired';
  if (what.includes('no longer accepts')) return 'invalid';
  if (what.includes('Another MDM')) return 'mdm';
  if (what.includes('Another token')) return 'duplicate';
  if (what.includes('less than a day')) return 'expiring in 0 days';
  const days = /Expires in (\d+) day/.exec(what)?.[1];
  if (days !== undefined) return `expiring in ${days} days`;
  if (what.includes('sync failed')) return 'failed';
  if (what.includes('seems stuck')) return 'stuck';
  if (what.includes('No completed sync')) return / days/.test(what) ? 'stale h72' : 'stale h36';
  if (what.includes('nearly used up')) return 'licences low';
  if (what.includes('used up')) return 'licences usedUp';
  if (what.includes('can’t read')) return 'monitoring';
  return `not understood: ${what}`;
}

const overKey = (name: string | undefined) => `over ${names[name ?? ''] ?? `not understood: ${name}`}`;

type Node = { readonly [name: string]: unknown };
const texts = (node: unknown): string[] => {
  if (Array.isArray(node)) return node.flatMap(texts);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) =>
    typeof value === 'string' ? (name === 'text' ? [value] : []) : texts(value),
  );
};

/** `which` version of a message: as it was sent, or as it is now. */
export function readAlertMessage(message: TeamsMessage, which: 'first' | 'current'): AlertMessage {
  const { activity } = which === 'first' ? (message.versions[0] ?? currentVersion(message)) : currentVersion(message);
  const card = activity.attachments?.[0]?.content as { readonly body?: readonly Node[] } | undefined;
  if (!card?.body) return ofLines(String(activity.text ?? ''));
  const all = texts(card.body);
  const [heading = ''] = all;
  const count = /^(\d+) alerts? ?(, open already|at once|during quiet hours|, )/.exec(heading)?.[1];
  if (count !== undefined) return ofDigest(card.body, Number(count));
  const over = all.find((text) => text.startsWith('Was: '));
  const headline = all.find((text) => / (Critical|Warning|Notice) · /.test(text));
  if (over) return { kind: 'card', rows: [`${heading}: ${overKey(over.slice('Was: '.length))}`], total: 1 };
  if (headline) return { kind: 'card', rows: [`${heading}: ${keyOf(headline)}`], total: 1 };
  return { kind: 'other', rows: [all.join(' ').slice(0, 200)], total: 1 };
}

function ofDigest(body: readonly Node[], total: number): AlertMessage {
  const rows = body
    .filter(({ type }) => type === 'Container')
    .map(texts)
    // The band has one text.
    .filter(({ length }) => length > 1)
    .map(([headline = '', title = '']) => {
      const isOver = / (Resolved|Ended) after /.test(headline);
      return `${title}: ${isOver ? overKey(headline.split(' · ').at(-1)) : keyOf(headline)}`;
    });
  return { kind: 'digest', rows, total };
}

function ofLines(text: string): AlertMessage {
  const rows = text.split('\n').flatMap((line) => {
    const over =
      /^(?:Resolved after [^:]+|Deleted from Intune|A more serious alert replaced it): (.+)\. Was: (.+)\.$/.exec(line);
    if (over) return [`${over[1]}: ${overKey(over[2])}`];
    const open = /^(?:New|More urgent now|Still open|Back again|Already open|Changed): (.+?)\. (.+)\.$/.exec(line);
    return open ? [`${open[1]}: ${keyOf(open[2] ?? '')}`] : [];
  });
  const more = Number(/^And (\d+) more\.$/m.exec(text)?.[1] ?? 0);
  if (rows.length === 0) return { kind: 'other', rows: [text.slice(0, 200)], total: 1 };
  return { kind: 'line', rows, total: rows.length + more };
}
