// A minimal bot as the Teams SDK's samples write it: every check on, one card for each message.
import { readFileSync } from 'node:fs';
import { PUBLIC } from '@microsoft/teams.api';
import { App } from '@microsoft/teams.apps';

const { BENCH_URL, BENCH_ISSUER, BENCH_BOT_ID, BENCH_TENANT_ID, BENCH_CARD, PORT } = process.env;
const card = JSON.parse(readFileSync(BENCH_CARD, 'utf8'));

const app = new App({
  clientId: BENCH_BOT_ID,
  tenantId: BENCH_TENANT_ID,
  managedIdentityClientId: BENCH_BOT_ID,
  cloud: {
    ...PUBLIC,
    tokenIssuer: BENCH_ISSUER,
    openIdMetadataUrl: `${BENCH_URL}/connector/.well-known/openidconfiguration`,
  },
});
app.on('message', async ({ send }) => {
  await send({
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
  });
});
await app.start(Number(PORT));
