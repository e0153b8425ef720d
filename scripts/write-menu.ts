// Writes Teams' own menu of commands into appPackage/ in every language, from the words of the help: npm run menu
import { readFileSync, writeFileSync } from 'node:fs';
import type { Locale } from '../src/domain/turn.ts';
import type { Texts } from '../src/i18n/en.ts';
import { textsFor } from '../src/i18n/texts.ts';

/**
 * The commands of the menu, in its order: twelve at most, by the manifest's schema. Those that others lead to are left to the help:
 * `alerts` names on and off, and whatever needs a sign-in asks for it. None has a prompt: Teams lets no bot with prompts welcome people.
 */
const inMenu: readonly (keyof Texts['commands'])[] = [
  'sync',
  'status',
  'list',
  'apple',
  'licenses',
  'renew',
  'history',
  'alerts',
  'whoami',
  'signOut',
  'doctor',
  'help',
];

interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly menu?: string;
}

function menuIn(locale: Locale) {
  const { commands } = textsFor(locale);
  return inMenu.map((key) => {
    const { name, summary, menu = summary }: CommandWords = commands[key];
    return { title: name, description: menu, type: 'basic' as const };
  });
}

/** The parsed manifest with the menu in English. */
export function withMenu(manifest: { readonly bots: readonly [{ readonly commandLists: readonly [object] }] }) {
  const [bot] = manifest.bots;
  return { ...manifest, bots: [{ ...bot, commandLists: [{ ...bot.commandLists[0], commands: menuIn('en') }] }] };
}

/** The parsed zh-cn.json with the menu in Chinese. */
export function withChineseMenu(chinese: Readonly<Record<string, string>>) {
  const others = Object.entries(chinese).filter(([key]) => !key.startsWith('bots['));
  const menu = menuIn('zh-CN').flatMap(({ title, description }, index) => [
    [`bots[0].commandLists[0].commands[${index}].title`, title],
    [`bots[0].commandLists[0].commands[${index}].description`, description],
  ]);
  return Object.fromEntries([...others, ...menu]);
}

if (import.meta.main) {
  const folder = new URL('../appPackage/', import.meta.url);
  const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  const write = (name: string, content: object) =>
    writeFileSync(new URL(name, folder), `${JSON.stringify(content, null, 2)}\n`);
  write('manifest.json', withMenu(read('manifest.json')));
  write('zh-cn.json', withChineseMenu(read('zh-cn.json')));
}
