// A minimal bot as the teams-ai samples write it: every check on, one card for each message.
import { readFileSync } from 'node:fs';
import teamsAi from '@microsoft/teams-ai';
import botbuilder from 'botbuilder';
import connector from 'botframework-connector';
import restify from 'restify';

const { BENCH_URL, BENCH_ISSUER, BENCH_BOT_ID, BENCH_TENANT_ID, BENCH_CARD, PORT } = process.env;
const card = JSON.parse(readFileSync(BENCH_CARD, 'utf8'));

const authentication = connector.BotFrameworkAuthenticationFactory.create(
  '',
  true,
  `${BENCH_URL}/login`,
  'https://api.botframework.com',
  BENCH_ISSUER,
  `${BENCH_URL}/oauth`,
  `${BENCH_URL}/connector/.well-known/openidconfiguration`,
  `${BENCH_URL}/connector/.well-known/openidconfiguration`,
  '',
  new connector.ManagedIdentityServiceClientCredentialsFactory(BENCH_BOT_ID, new connector.JwtTokenProviderFactory()),
  { requiredEndorsements: [], tenantId: BENCH_TENANT_ID },
  undefined,
  undefined,
);
const adapter = new botbuilder.CloudAdapter(authentication);
const application = new teamsAi.Application({ storage: new botbuilder.MemoryStorage() });
application.activity('message', async (context) => {
  await context.sendActivity({ attachments: [botbuilder.CardFactory.adaptiveCard(card)] });
});

const server = restify.createServer();
server.use(restify.plugins.bodyParser());
server.post('/api/messages', async (request, response) => {
  await adapter.process(request, response, async (context) => {
    await application.run(context);
  });
});
server.listen(Number(PORT), '127.0.0.1');
