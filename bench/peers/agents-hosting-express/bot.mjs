// A minimal bot as the Agents SDK's samples write it: every check on, one card for each message.
import { readFileSync } from 'node:fs';
import {
  AgentApplication,
  authorizeJWT,
  CardFactory,
  CloudAdapter,
  MemoryStorage,
  MessageFactory,
} from '@microsoft/agents-hosting';
import express from 'express';

const { BENCH_URL, BENCH_ISSUER, BENCH_BOT_ID, BENCH_TENANT_ID, BENCH_CARD, PORT } = process.env;
const card = JSON.parse(readFileSync(BENCH_CARD, 'utf8'));

const connection = {
  authType: 'UserManagedIdentity',
  clientId: BENCH_BOT_ID,
  tenantId: BENCH_TENANT_ID,
  // The keys of an issuer that is not Microsoft's are read below its authority.
  authorityEndpoint: `${BENCH_URL}/connector`,
  issuers: [BENCH_ISSUER],
  validateIssuer: true,
};
const authentication = {
  ...connection,
  connections: new Map([['serviceConnection', connection]]),
  connectionsMap: [{ serviceUrl: '*', connection: 'serviceConnection' }],
};
const adapter = new CloudAdapter(authentication);
const application = new AgentApplication({ adapter, storage: new MemoryStorage() });
application.onActivity('message', async (context) => {
  await context.sendActivity(MessageFactory.attachment(CardFactory.adaptiveCard(card)));
});

const server = express();
server.use(express.json());
server.use(authorizeJWT(authentication));
server.post('/api/messages', (request, response) =>
  adapter.process(request, response, (context) => application.run(context)),
);
server.listen(Number(PORT), '127.0.0.1');
