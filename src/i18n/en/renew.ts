/** The renewal checklist. `name` is the token's title; addresses are those of src/domain/renewal.ts. */
export const renew = {
  heading: (name: string) => `Renew ${name}`,
  summary: (name: string) => `How to renew ${name}`,
  site: {
    business: (address: string) => `Apple Business Manager (${address})`,
    education: (address: string) => `Apple School Manager (${address})`,
    either: (business: string, school: string) =>
      `Apple Business Manager (${business}) or Apple School Manager (${school})`,
  },
  steps: {
    signIn: (site: string, appleId: string) =>
      `Sign in to ${site} as ${appleId}, the account this token was made with. Do not use another one.`,
    signInUnknown: (site: string) =>
      `Sign in to ${site} with the account this token was made with. Intune does not name it.`,
    download: (location: string) =>
      `Open Preferences → Payments and Billing → Apps and Books, find ${location} under Content Tokens and download its file.`,
    open: (name: string) =>
      `In the Intune admin center open Tenant administration → Connectors and tokens → Apple VPP tokens, and there ${name}.`,
    upload: 'Next to Basics choose Edit, upload the file to this same token and save.',
    verify: (name: string) => `Come back and say “verify vpp ${name}”. The new date may take some minutes to show.`,
  },
  keep: 'Update the token in place. Do not delete the token: its apps and assignments would go with it.',
  remembered: 'For that check I remember today’s expiry date, Apple ID and organisation of this token.',
  notice: {
    invalid: 'Check first that the account in step 1 still works: renewing with a dead account does not help.',
    assignedToExternalMDM:
      'Renewing alone does not mend this: another device management service has claimed the location. Remove the token there first.',
    duplicateLocationId:
      'Renewing does not mend this: another token in Intune stands for the same location. Remove the duplicate.',
  },
  open: 'Open in Intune admin center',
} as const;
