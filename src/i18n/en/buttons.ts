export const buttons = {
  syncNow: 'Sync now',
  refresh: 'Refresh',
  licences: 'Licences',
  renew: 'Renew',
  history: 'History',
  continue: 'Continue',
  signIn: 'Sign in',
  apply: 'Apply',
  cancel: 'Cancel',
  acknowledge: 'Acknowledge',
  snooze: 'Snooze',
} as const;
