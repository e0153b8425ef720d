// A Graph on loopback with as many tenants, tokens and apps as asked for. A process of its own, so that its work is not measured.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GraphSize {
  readonly tokens: number;
  readonly apps: number;
  /** Answers wait so long. */
  readonly answerMs: number;
  /** Every n-th tenant never answers; 0: none. */
  readonly silentEvery: number;
}

const { tokens, apps, answerMs, silentEvery } = JSON.parse(process.argv[2] ?? '{}') as GraphSize;
/** As Intune cuts long lists. */
const pageSize = 1_000;
const expiresAt = (n: number) => new Date(Date.now() + (n % 10 === 0 ? 5 : 200) * 86_400_000).toISOString();
const guid = (a: number, b: number) =>
  `${a.toString(16).padStart(8, '0')}-0000-4000-8000-${b.toString(16).padStart(12, '0')}`;
const expiries = Array.from({ length: tokens }, (_, n) => expiresAt(n));

function tokenOf(tenant: number, n: number): string {
  const status = n % 15 === 1 ? 'failed' : 'completed';
  return `{"@odata.type":"#microsoft.graph.vppToken","id":"${guid(tenant, n)}","organizationName":"Contoso ${n}","appleId":"vpp-${n}@contoso.example.com","countryOrRegion":"de","vppTokenAccountType":"business","automaticallyUpdateApps":true,"state":"valid","lastSyncStatus":"${status}","expirationDateTime":"${expiries[n]}","lastSyncDateTime":"2026-11-30T06:00:00Z","lastModifiedDateTime":"2026-11-30T06:00:00Z"}`;
}

/** As long as Intune's own: about 1.5 KB. */
const filler = JSON.stringify('Bought once, for everybody. '.repeat(40));

function appOf(tenant: number, n: number): string {
  const token = n % tokens;
  const used = n % 23 === 0 ? 99 : 40;
  return `{"@odata.type":"#microsoft.graph.iosVppApp","id":"${guid(tenant, 1_000_000 + n)}","displayName":"App ${n}","description":${filler},"publisher":"Publisher ${n}","bundleId":"com.example.app${n}","usedLicenseCount":${used},"totalLicenseCount":100,"vppTokenAppleId":"vpp-${token}@contoso.example.com","vppTokenOrganizationName":"Contoso ${token}","releaseDateTime":"2026-11-30T06:00:00Z","licensingType":{"supportsUserLicensing":true,"supportsDeviceLicensing":true}}`;
}

const server = createServer((request, response) => {
  request.resume();
  const tenant = Number(request.headers.authorization?.slice('Bearer tenant-'.length));
  if (silentEvery > 0 && tenant % silentEvery === 0) return;
  const url = new URL(request.url ?? '', 'http://127.0.0.1');
  const isApps = url.pathname.endsWith('mobileApps');
  const from = Number(url.searchParams.get('from') ?? 0);
  const all = isApps ? apps : tokens;
  const to = Math.min(all, from + pageSize);
  const items = Array.from({ length: to - from }, (_, n) => (isApps ? appOf : tokenOf)(tenant, from + n));
  const next = to < all ? `,"@odata.nextLink":"http://${request.headers.host}${url.pathname}?from=${to}"` : '';
  setTimeout(() => {
    response.setHeader('content-type', 'application/json');
    response.end(`{"value":[${items.join(',')}]${next}}`);
  }, answerMs);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
