import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parse } from 'yaml';
import { readText } from '../support/source-files.ts';

const own = JSON.parse(readText('package.json')) as { devDependencies: Record<string, string> };
const dockerfile = readText('Dockerfile');
const unit = readText('deploy/vpp-sync.service');
const stages = dockerfile.split(/^FROM /m);
const shipped = stages.at(-1) ?? '';
/** What `npm start` gives to Node. */
const flags = /botFlags = \['(?<flags>[^\]]+)'\]/.exec(readText('scripts/run.mjs'))?.groups?.flags ?? '';

suite('what runs the bot elsewhere', () => {
  test('has the pinned Node, and the flags of npm start', () => {
    assert.match(dockerfile, new RegExp(`^ARG NODE_IMAGE=node:${own.devDependencies.node}-`, 'm'));
    assert.match(flags, /^--/);
    assert.ok(shipped.includes(`CMD ["node", "${flags}", "dist/main.js"]`));
    assert.match(unit, new RegExp(`^ExecStart=\\S+/node ${flags} \\S+/dist/main\\.js$`, 'm'));
  });

  test('is an image of the bundle alone, whose user is not root', () => {
    assert.equal(stages.length, 3);
    assert.match(shipped, /^USER [1-9]\d*:[1-9]\d*$/m);
    assert.deepEqual(
      [...shipped.matchAll(/^(?:COPY|ADD) (.*)$/gm)].map(([, what]) => what),
      ['--from=build /build/LICENSE /build/package.json ./', '--from=build /build/dist ./dist'],
    );
    assert.match(shipped, /HEALTHCHECK[\s\S]*\/healthz/);
    assert.match(readText('.dockerignore'), /^\*$/m);
  });

  test('is a compose file that grants the bot nothing', () => {
    const { services } = parse(readText('compose.yaml')) as { services: { bot: Record<string, unknown> } };
    assert.equal(services.bot.read_only, true);
    assert.deepEqual(services.bot.cap_drop, ['ALL']);
    assert.deepEqual(services.bot.security_opt, ['no-new-privileges:true']);
    assert.deepEqual(services.bot.ports, ['127.0.0.1:3978:3978']);
  });
});
