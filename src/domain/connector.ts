import { minuteMs } from '../lib/time.ts';

/**
 * The Apple connectors that Intune keeps for a tenant: VPP location tokens, the MDM push certificate, and tokens of automated device
 * enrolment. All are kept as a `VppToken`, whose properties they share, and told apart by their id.
 */
export const connectorKinds = ['vpp', 'push', 'ade'] as const;
export type ConnectorKind = (typeof connectorKinds)[number];
export type OtherKind = Exclude<ConnectorKind, 'vpp'>;
export const otherKinds = ['push', 'ade'] as const satisfies readonly OtherKind[];

/** A tenant has one push certificate. */
export const pushId = 'push';

export const adePrefix = 'ade:';
export const adeId = (graphId: string): string => `${adePrefix}${graphId}`;
/** Graph's own id of an enrolment token. */
export const graphIdOfAde = (id: string): string => id.slice(adePrefix.length);

export function kindOf({ id }: { readonly id: string }): ConnectorKind {
  if (id === pushId) return 'push';
  return id.startsWith(adePrefix) ? 'ade' : 'vpp';
}

/** All that the bot has to know of a kind of Apple connector: another kind is one more row here, a reader in src/graph and its words in src/i18n. */
interface ConnectorTraits {
  /** Intune syncs it with Apple, and does so when asked. */
  readonly syncs: boolean;
  /** Intune refuses a sync sooner than this after the last one was asked for. */
  readonly syncEveryMs: number;
  readonly hasLicenses: boolean;
  /** Words that name the kind before or in place of a name, in lower case. */
  readonly words: readonly string[];
}

/** Source: learn.microsoft.com/graph/api/intune-enrollment-deponboardingsetting-syncwithappledeviceenrollmentprogram. */
export const connectorTraits: Readonly<Record<ConnectorKind, ConnectorTraits>> = {
  vpp: {
    syncs: true,
    syncEveryMs: 0,
    hasLicenses: true,
    words: ['vpp'],
  },
  push: {
    syncs: false,
    syncEveryMs: 0,
    hasLicenses: false,
    words: ['push', 'apns', 'push certificate', 'mdm push certificate', '推送', '推送证书'],
  },
  ade: {
    syncs: true,
    syncEveryMs: 15 * minuteMs,
    hasLicenses: false,
    words: ['ade', 'dep', 'enrolment', 'enrollment', 'enrolment token', 'enrollment token', '注册', '注册令牌'],
  },
};

export const traitsOf = (token: { readonly id: string }): ConnectorTraits => connectorTraits[kindOf(token)];

/** The kind that a text begins with and the name after it; VPP tokens are meant where it names none. */
export function readKind(asked: string): { readonly kind: ConnectorKind; readonly name: string } {
  const text = asked.trim();
  const folded = text.toLowerCase();
  if (folded.startsWith(adePrefix)) return { kind: 'ade', name: text };
  const named = connectorKinds
    .flatMap((kind) => connectorTraits[kind].words.map((word) => ({ kind, word })))
    .sort((one, other) => other.word.length - one.word.length)
    .find(({ word }) => folded === word || folded.startsWith(/\p{Script=Han}$/u.test(word) ? word : `${word} `));
  if (!named || named.kind === 'vpp') return { kind: 'vpp', name: text };
  return { kind: named.kind, name: text.slice(named.word.length).trim() };
}
