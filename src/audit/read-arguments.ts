import { parseArgs } from 'node:util';

interface Accepting {
  /** Hash of the last entry that an operator takes as it is although its seal cannot be verified. */
  readonly accepted: string | undefined;
}

export type AuditCommand =
  | ({
      readonly kind: 'export';
      readonly from: number;
      readonly to: number;
      readonly out: string | undefined;
    } & Accepting)
  | ({ readonly kind: 'verify'; readonly file: string; readonly key: string | undefined } & Accepting)
  | ({ readonly kind: 'check'; readonly against: string | undefined } & Accepting)
  | { readonly kind: 'logId'; readonly id: string };

export const usage = `npm run --silent audit -- export [--from 2026-01-01] [--to 2026-02-01] [--out file.csv] [--accept-unproven hash]
npm run --silent audit -- verify file.csv [--key fingerprint] [--accept-unproven hash]
npm run --silent audit -- check [--against file.csv] [--accept-unproven hash]
npm run --silent audit -- log-id id
Dates are in UTC; --to is the first that is left out. docs/audit.md tells the rest.`;

const text = { type: 'string' } as const;
const options = { from: text, to: text, out: text, key: text, against: text, 'accept-unproven': text };

const accept = 'accept-unproven';

/** What each takes: how many words, and which options. */
const forms: Readonly<Record<string, { readonly words: number; readonly takes: readonly string[] }>> = {
  export: { words: 0, takes: ['from', 'to', 'out', accept] },
  verify: { words: 1, takes: ['key', accept] },
  check: { words: 0, takes: ['against', accept] },
  'log-id': { words: 1, takes: [] },
};

/** What is asked for, or a sentence that says what is wrong with it. */
export function readArguments([name = '', ...args]: readonly string[]): AuditCommand | { readonly problem: string } {
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  if (!form) return { problem: name === '' ? 'Say what to do.' : `There is no “${name}”.` };
  let read: ReturnType<typeof parse>;
  try {
    read = parse(args);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = read;
  const strange = Object.keys(values).find((option) => !form.takes.includes(option));
  if (strange !== undefined) return { problem: `“${name}” takes no --${strange}.` };
  const [word = ''] = positionals;
  if (positionals.length !== form.words || (form.words === 1 && word === '')) {
    return { problem: `“${name}” is written as below.` };
  }
  const accepted = values[accept];
  if (accepted !== undefined && !/^[\da-f]{64}$/i.test(accepted)) {
    return { problem: `--${accept} takes the hash that “check” shows: 64 hexadecimal digits.` };
  }
  if (name === 'verify') return { kind: 'verify', file: word, key: values.key, accepted };
  if (name === 'check') return { kind: 'check', against: values.against, accepted };
  if (name === 'log-id') return { kind: 'logId', id: word };
  const from = values.from === undefined ? 0 : dateOf(values.from);
  const to = values.to === undefined ? Number.MAX_SAFE_INTEGER : dateOf(values.to);
  if (Number.isNaN(from + to)) return { problem: 'A date is written 2026-01-31 or 2026-01-31T12:00:00Z.' };
  return { kind: 'export', from, to, out: values.out, accepted };
}

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options, allowPositionals: true });

/** Epoch milliseconds; NaN for what is no date. */
const dateOf = (text: string) =>
  /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
