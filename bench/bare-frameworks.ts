// The same as Microsoft's samples, with the same checks on: restify, CloudAdapter, a teams-ai route, an answer of the same card.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { CloudAdapter } from 'botbuilder';
import { botId, measureTurns, startTeams } from './measured.ts';

const teams = await startTeams();
const from = performance.now();
const [{ default: restify }, botbuilder, connector, { Application }, { helpCard }] = await Promise.all([
  import('restify'),
  import('botbuilder'),
  import('botframework-connector'),
  import('@microsoft/teams-ai'),
  import('../src/cards/help-card.ts'),
]);

type AdapterRequest = Parameters<CloudAdapter['process']>[0];

class NoCredentials extends connector.PasswordServiceClientCredentialFactory {
  override async createCredentials() {
    return connector.MicrosoftAppCredentials.Empty;
  }
}

const authentication = connector.BotFrameworkAuthenticationFactory.create(
  '',
  true,
  `${teams.baseUrl}/login`,
  'https://api.botframework.com',
  teams.issuer,
  `${teams.baseUrl}/oauth`,
  `${teams.baseUrl}/openidconfiguration`,
  `${teams.baseUrl}/openidconfiguration`,
  '',
  new NoCredentials(botId, ''),
  { requiredEndorsements: [] },
  undefined,
  undefined,
);
const adapter = new botbuilder.CloudAdapter(authentication);
const application = new Application({ storage: new botbuilder.MemoryStorage() });
application.message(/^help/, async (context) => {
  const card = helpCard({ locale: 'en', conversationKind: 'personal' });
  await context.sendActivity({ attachments: [botbuilder.CardFactory.adaptiveCard(card)] });
});

const server = restify.createServer();
server.use(restify.plugins.bodyParser());
server.post('/api/messages', async (request, response) => {
  await adapter.process(request as AdapterRequest, response, async (context) => {
    await application.run(context);
  });
});
server.listen(0, '127.0.0.1');
await once(server.server, 'listening');
const { port } = server.server.address() as AddressInfo;
await measureTurns(teams, `http://127.0.0.1:${port}`, performance.now() - from);
