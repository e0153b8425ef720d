const renew =
  'Download a new token file from Apple Business Manager or Apple School Manager and upload it to this same token in Intune. Do not delete the token: its apps and assignments would go with it.';

/** States of a token and outcomes of its last sync, by Graph's own names. A name missing here is shown as it came. */
export const state = {
  word: {
    valid: 'Valid',
    expired: 'Expired',
    invalid: 'Invalid',
    assignedToExternalMDM: 'In use by another MDM',
    duplicateLocationId: 'Duplicate location',
    unknown: 'Unknown',
  },
  /** Instead of `valid`, when the expiry date says more. */
  validButExpiresSoon: 'Valid, expires soon',
  validButPast: 'Valid, but past its expiry date',
  other: (raw: string) => `Intune says “${raw}”`,
  syncWord: { none: 'Never synced', inProgress: 'In progress', completed: 'Completed', failed: 'Failed' },
  lastSyncFailed: 'Last sync failed',
  advice: {
    expired: {
      cause:
        'The token passed its one-year term. Licences cannot be assigned and apps are not updated until it is renewed.',
      next: renew,
    },
    invalid: {
      cause:
        'The password or the domain of its Managed Apple Account changed, the account was disabled, its owner left, or the token expired. Intune does not say which.',
      next: `Check that the account still works. ${renew}`,
    },
    assignedToExternalMDM: {
      cause: 'Another device management service has claimed this location. A token serves one service at a time.',
      next: 'Remove the token from the other service, then sync here again.',
    },
    duplicateLocationId: {
      cause:
        'Another token in Intune stands for the same Apple location. Licences can still be assigned and revoked, but new purchases may not appear.',
      next: 'Keep one of the two tokens in Intune and remove the duplicate.',
    },
    unknown: {
      cause: 'Intune has not told what state the token is in.',
      next: 'Sync it once. If the state stays unknown, check the token in the Intune admin center.',
    },
    syncFailed: {
      cause:
        'Intune gives no reason. Often Apple has new terms that an Apple administrator must accept, or Apple’s or Intune’s service had a fault.',
      next: 'Sync once more. If it fails again, look for new terms in Apple Business Manager or Apple School Manager.',
    },
    expiresSoon: { cause: '', next: `Renew it before it expires, or licences and app updates stop. ${renew}` },
  },
} as const;
