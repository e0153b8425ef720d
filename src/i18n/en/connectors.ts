import { formats, roughly } from '../formats.ts';

const { number } = formats.en;

export const commands = {
  apple: {
    name: 'apple',
    usage: 'apple',
    summary: 'See all Apple connectors: VPP tokens, the MDM push certificate and enrolment tokens, worst first.',
    menu: 'See VPP tokens, the MDM push certificate and enrolment tokens, worst first',
  },
} as const;

const renewPush =
  'Renew it in the Apple Push Certificates Portal with the same Apple ID and upload it in Intune. With another Apple ID every device must be enrolled again.';
const renewAde =
  'Download a new token from Apple Business or Apple School Manager and upload it to this same token in Intune.';
const newTerms =
  'Intune gives no reason. Often Apple has new terms that an Apple administrator must accept, or the token was replaced at Apple.';

/** The Apple connectors beside VPP tokens. Keys of `advice` and `what` are those of `state.advice` and `alert`, which they replace. */
export const connector = {
  pushTitle: 'MDM push certificate',
  kind: { vpp: 'VPP token', push: 'MDM push certificate', ade: 'Enrolment token' },
  kinds: { vpp: 'VPP tokens', push: 'MDM push certificate', ade: 'Enrolment tokens' },
  heading: {
    every: (count: number) => (count === 1 ? '1 Apple connector' : `${number(count)} Apple connectors, worst first`),
    push: (_count: number) => 'MDM push certificate',
    ade: (count: number) => (count === 1 ? '1 enrolment token' : `${number(count)} enrolment tokens, worst first`),
  },
  advice: {
    push: {
      expired: {
        cause: 'The certificate passed its one-year term. Intune can’t reach any Apple device until it is renewed.',
        next: renewPush,
      },
      expiresSoon: {
        cause: 'It is valid for a year.',
        next: `Renew it before it expires, or no Apple device answers Intune. ${renewPush}`,
      },
      tokenDeleted: {
        cause: 'Somebody removed it from Intune. Intune’s audit logs, under Tenant administration, say who.',
        next: 'If that was not intended, upload the certificate of the same Apple ID again before devices lose contact.',
      },
    },
    ade: {
      expired: {
        cause: 'The token passed its one-year term. New devices can’t enrol on their own until it is renewed.',
        next: renewAde,
      },
      expiresSoon: {
        cause: 'It is valid for a year.',
        next: `Renew it before it expires, or new devices can’t enrol. ${renewAde}`,
      },
      syncFailed: {
        cause: newTerms,
        next: 'Sync again. If it still fails, look for new terms in Apple Business or Apple School Manager.',
      },
      syncStuck: { cause: 'Intune rarely takes this long; it may have a fault.', next: 'Sync again in a few minutes.' },
      syncStale: { cause: newTerms, next: 'Sync now to see whether it works.' },
      tokenDeleted: {
        cause: 'Somebody or a script deleted it. Intune’s audit logs, under Tenant administration, say who.',
        next: 'If that was intended, acknowledge this. If not, add the token again and assign its devices’ profiles.',
      },
    },
  },
  what: {
    push: { expired: 'The certificate has expired', tokenDeleted: 'The certificate was removed from Intune' },
    ade: { expired: 'The token has expired', tokenDeleted: 'The token was deleted from Intune' },
  },
  deletedMeans: {
    push: 'Intune can no longer reach the Apple devices that are enrolled.',
    ade: 'Intune no longer learns of devices that Apple assigns to it. Enrolled ones are not affected.',
  },
  /** `permissions`: any one of them would do. */
  notCovered: (what: string, permissions: string) =>
    `${what}: not covered by what was consented to, or your Intune role doesn’t include it. It takes the permission ${permissions}.`,
  notSetUp: (what: string) => `${what}: not set up in Intune.`,
  off: (what: string) =>
    `${what}: not read, because Graph has them in its beta only. The operator can set GRAPH_BETA to on.`,
  monitored: (what: string, count: number) => `${what}: monitored (${number(count)}).`,
  cover: 'To have them monitored too, a Global Administrator consents to that application permission for this app.',
  uploaded: (agoMs: number) => `Uploaded ${roughly(agoMs, 'en')} ago`,
  unread: (what: string) => `${what}: could not be read right now.`,
  noneNamed: (what: string, asked: string) => `${what}: none is called “${asked}”.`,
  notSynced: 'The MDM push certificate has nothing to sync. Say “renew push” for the steps of its renewal.',
  noLicenses: (name: string) => `${name} has no licences; those are counted per VPP token.`,
  renew: {
    push: {
      first: 'Use the same Apple ID. With another one every Apple device must be enrolled again.',
      steps: (account: string) => [
        'In the Intune admin center open Devices → Enrollment → Apple → Apple MDM Push Certificate and download the signing request (CSR).',
        `Sign in to the Apple Push Certificates Portal (identity.apple.com) as ${account}, choose Renew beside this certificate (not Create) and upload the request.`,
        'Download the renewed certificate, enter the same Apple ID in Intune and upload it there.',
      ],
      account: 'the Apple ID that the certificate was made with',
      keep: 'Never delete the certificate in Intune: devices lose contact and must be enrolled again.',
      open: 'Open Apple’s portal',
    },
    ade: {
      steps: (account: string, name: string) => [
        `Sign in to Apple Business (business.apple.com) or Apple School Manager (school.apple.com) as ${account}.`,
        `Open Settings or Preferences → Management Services, choose the server of ${name} and download its token.`,
        `In the Intune admin center open Devices → Enrollment → Apple → Enrollment program tokens, choose ${name}, then Renew token, and upload the file.`,
      ],
      account: 'the account that the token was made with',
      keep: 'Renew the token in place. Do not delete it: its profiles and assignments would be deleted too.',
    },
    verify: (callName: string) =>
      `Come back and press “Check renewal”, or say “verify ${callName}”. The new date may take a few minutes to show.`,
  },
} as const;
