import type { Plugin } from 'esbuild';

/**
 * Code of the frameworks that the bot never runs, by paths below node_modules. In the bundle a stand-in takes its place, which throws
 * when it is called: code that is reached after all is named by an error. Building runs the bundle, and so do the end-to-end tests.
 */
const leftOut: ReadonlyArray<{ readonly paths: RegExp; readonly why: string }> = [
  {
    paths:
      /^@microsoft\/teams-ai\/lib\/(actions|authentication(?!\/BotAuthenticationBase)|dataSources|embeddings|models|moderators|planners|prompts|tokenizers)\//,
    why: 'teams-ai is a router here: it asks no language model and signs nobody in',
  },
  { paths: /^(openai|gpt-tokenizer|yaml|axios)\//, why: 'language models of teams-ai' },
  { paths: /^(botbuilder-dialogs|globalize|@xmldom|xpath|jsonschema)\//, why: 'sign-in of teams-ai' },
  { paths: /^@microsoft\/recognizers-text(?!-data-types)/, why: 'prompts of botbuilder-dialogs' },
  {
    paths: /^(@azure\/(identity|core-[\w-]+|logger)|@typespec\/ts-http-runtime|cross-fetch)\//,
    why: 'the SDK asks for no token and sends nothing: messages leave by the outbox',
  },
  {
    paths: /^botframework-connector\/(lib\/(connectorApi|tokenApi|teams)|node_modules\/(@azure|node-fetch))\//,
    why: 'as above',
  },
  { paths: /^botbuilder\/lib\/setSpeakMiddleware\.js$/, why: 'reads messages aloud; brings an HTML parser' },
  { paths: /^(http-signature|sshpk|csv|formidable|send)\//, why: 'parts of restify that the server does not use' },
];

/** Replaces what is left out; `found` gets the path of each. */
export function leaveOut(found: Set<string>): Plugin {
  return {
    name: 'leave-out',
    setup(build) {
      build.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, ({ path }) => {
        const below = path.replaceAll('\\', '/').replace(/^.*?\/node_modules\//, '');
        if (!leftOut.some(({ paths }) => paths.test(below))) return undefined;
        found.add(below);
        return { contents: `module.exports = (${standIn})(${JSON.stringify(below)});`, loader: 'js' };
      });
    },
  };
}

/** For anything that a module may export: it can be passed on and extended, and throws when it is called or constructed. */
export function standIn(name: string): unknown {
  const fail = () => {
    const sentence = `${name} was left out of the bundle, and is used (scripts/left-out.ts)`;
    // The log keeps errors' messages to itself.
    process.stderr.write(`${sentence}\n`);
    throw new Error(sentence);
  };
  // A bound constructor can be extended, and has no property that must be listed.
  return new Proxy(Object.bind(undefined), {
    get(_, key) {
      if (key === '__esModule') return true;
      if (key === 'prototype') return {};
      return typeof key === 'symbol' || key === 'then' ? undefined : standIn(`${name} (${key})`);
    },
    has: () => true,
    ownKeys: () => [],
    apply: fail,
    construct: fail,
  });
}
