/**
 * Where renewing happens. Apple and Microsoft have moved these pages several times: they are written here, the paths within
 * them in src/i18n (`renew.steps`), and nowhere else. Source: memdocs `vpp-apps-ios.md`; facts of Graph, "Renewal".
 */
export const renewalLinks = {
  /** Apple VPP tokens in the Intune admin center, Microsoft's own forwarding address. */
  intune: 'https://go.microsoft.com/fwlink/?linkid=2109431',
  appleBusiness: 'business.apple.com',
  appleSchool: 'school.apple.com',
} as const;
