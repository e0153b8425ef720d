import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AlertsAsked, eventWords, readAlertsOn } from '../../src/commands/alert-grammar.ts';
import { printSettings, printTarget } from '../../src/commands/print-alerts-on.ts';
import { chosenConditions } from '../../src/domain/alert.ts';
import { cleanText } from '../../src/lib/text.ts';

const all = { kind: 'all' } as const;
const name = (text: string) => ({ kind: 'name', name: text }) as const;
const night = { from: 22 * 60, to: 7 * 60 };

const cases: readonly (readonly [text: string, asked: AlertsAsked])[] = [
  ['', {}],
  ['all', { target: all }],
  ['ALL.', { target: all }],
  ['everything', { target: all }],
  ['vpp', {}],
  ['vpp all', { target: all }],
  [': all', { target: all }],
  ['all tokens expired', { target: all, events: ['expired'] }],
  ['all expiring failed', { target: all, events: ['expiring', 'syncFailed'] }],
  ['failed, expiring and stuck for all', { target: all, events: ['expiring', 'syncFailed', 'syncStuck'] }],
  ['expired', { events: ['expired'] }],
  ['all events', { events: chosenConditions }],
  ['contoso', { target: name('contoso') }],
  ['Contoso, Inc. HQ', { target: name('Contoso, Inc. HQ') }],
  ['contoso expiring', { target: name('contoso'), events: ['expiring'] }],
  ['expiring contoso hq', { target: name('contoso hq'), events: ['expiring'] }],
  ['expired for contoso', { target: name('contoso'), events: ['expired'] }],
  ['vpp contoso mdm duplicate', { target: name('contoso'), events: ['assignedToExternalMDM', 'duplicateLocationId'] }],
  ['vpp expired', { target: name('expired') }],
  ['"expired" expired', { target: name('expired'), events: ['expired'] }],
  ["'all'", { target: name('all') }],
  ['"Contoso HQ" stale', { target: name('Contoso HQ'), events: ['syncStale'] }],
  ["o'brien's school", { target: name("o'brien's school") }],
  ['contoso vpp', { target: name('contoso vpp') }],
  ['licences', { events: ['licenses'] }],
  ['all quiet 22:00-07:00 Europe/Berlin', { target: all, quiet: night, timeZone: 'Europe/Berlin' }],
  ['quiet hours from 10 pm to 7 am in europe/berlin', { quiet: night, timeZone: 'Europe/Berlin' }],
  ['quiet 22-7', { quiet: night }],
  ['quiet 22.00 – 7.00 UTC', { quiet: night, timeZone: 'UTC' }],
  ['quiet 24:00-6', { quiet: { from: 0, to: 360 } }],
  ['quiet 22-7 expired contoso', { target: name('contoso'), events: ['expired'], quiet: night }],
  ['quiet 22-7 "contoso"', { target: name('contoso'), quiet: night }],
  ['quiet off', { quiet: 'off' }],
  ['no quiet', { quiet: 'off' }],
  ['zone Asia/Kolkata', { timeZone: 'Asia/Kolkata' }],
  ['all Asia/Kolkata', { target: all, timeZone: 'Asia/Kolkata' }],
  ['weekly', { weekly: true }],
  ['all no weekly digest', { target: all, weekly: false }],
  ['weekly off', { weekly: false }],
  ['全部', { target: all }],
  ['全部到期失败', { target: all, events: ['expiring', 'syncFailed'] }],
  ['华东零售 即将到期、已过期', { target: name('华东零售'), events: ['expired', 'expiring'] }],
  [
    '全部 免打扰22:00-07:00 Asia/Shanghai 不要周报',
    { target: all, quiet: night, timeZone: 'Asia/Shanghai', weekly: false },
  ],
  ['免打扰 关闭', { quiet: 'off' }],
  ['周报', { weekly: true }],
  // A name in Chinese that holds one of our words is a name.
  ['过期令牌公司', { target: name('过期令牌公司') }],
];
for (const [text, asked] of cases) {
  test(`“${text}” after “alerts on” is read as what it says`, () =>
    assert.deepEqual(readAlertsOn(cleanText(text)), { asked }));
}

const problems: readonly (readonly [text: string, problem: object])[] = [
  ['all contoso', { kind: 'twoTargets', said: 'contoso' }],
  ['contoso expired hq', { kind: 'twoNames', said: 'contoso', other: 'hq' }],
  ['"contoso" "fabrikam"', { kind: 'twoNames', said: 'contoso', other: 'fabrikam' }],
  ['quiet', { kind: 'noHours' }],
  ['quiet contoso', { kind: 'noHours' }],
  ['quiet 25-7', { kind: 'noHours' }],
  ['quiet 22:60-7', { kind: 'noHours' }],
  ['quiet 13pm-7am', { kind: 'noHours' }],
  ['quiet 22:00-07:00:30', { kind: 'noHours' }],
  ['quiet 7-7', { kind: 'sameHours' }],
  ['quiet 0-24', { kind: 'sameHours' }],
  ['quiet 22-7 Berlin', { kind: 'noZone', said: 'Berlin', near: 'Europe/Berlin' }],
  ['quiet 22-7 Contoso', { kind: 'noZone', said: 'Contoso' }],
  ['zone', { kind: 'noZone', said: '' }],
];
for (const [text, problem] of problems) {
  test(`“${text}” after “alerts on” is not guessed at`, () =>
    assert.deepEqual(readAlertsOn(cleanText(text)), { problem }));
}

test('every word for a condition is read as that condition, and none as two', () => {
  const words = Object.entries(eventWords).flatMap(([condition, { en, 'zh-CN': zh }]) =>
    [...en, ...zh].map((word) => [word, condition] as const),
  );
  assert.equal(new Set(words.map(([word]) => word)).size, words.length);
  for (const [word, condition] of words) assert.deepEqual(readAlertsOn(word), { asked: { events: [condition] } }, word);
});

const wish: fc.Arbitrary<AlertsAsked> = fc.record(
  {
    target: fc.oneof(
      fc.constant(all),
      fc
        .stringMatching(/^[^\s"',，、;；]([^"]{0,20}[^\s"'])?$/u)
        .map((text) => name(cleanText(text).replaceAll('"', '') || 'x')),
    ),
    events: fc.subarray([...chosenConditions], { minLength: 1 }),
    quiet: fc.oneof(
      fc.constant('off' as const),
      fc
        .record({ from: fc.nat(1439), to: fc.nat(1439) }, { noNullPrototype: true })
        .filter(({ from, to }) => from !== to),
    ),
    timeZone: fc.constantFrom('Europe/Berlin', 'Asia/Kolkata', 'UTC', 'America/New_York'),
    weekly: fc.boolean(),
  },
  { requiredKeys: [], noNullPrototype: true },
);

test('what is printed of a wish is read back as the same wish, in both languages', () => {
  fc.assert(
    fc.property(wish, fc.constantFrom('en' as const, 'zh-CN' as const), (asked, locale) => {
      const line = `${printTarget(asked.target, locale)} ${printSettings(asked, locale)}`.trim();
      assert.deepEqual(readAlertsOn(line), { asked }, line);
    }),
    { numRuns: 2000 },
  );
});

const typed = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'all everything vpp expired failed quiet off no weekly zone time in for and events tokens'.split(' '),
      ),
      fc.constantFrom(
        '22:00-07:00',
        '7-7',
        'Europe/Berlin',
        'contoso',
        '全部',
        '到期',
        '免打扰',
        '周报',
        '"',
        "'",
        ',',
        '全部到期',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 9 },
  )
  .map((words) => cleanText(words.join(' ')));

test('any words have an answer, and nothing is taken that was not said', () => {
  fc.assert(
    fc.property(typed, (text) => {
      const read = readAlertsOn(text);
      if ('problem' in read) return;
      const { target, events = [], quiet, timeZone, weekly } = read.asked;
      const lower = text.toLowerCase();
      if (target?.kind === 'all') assert.match(lower, /all|everything|全部|所有/);
      if (target?.kind === 'name') assert.ok(text.includes(target.name), text);
      const everyEvent = /(?:all|everything|全部|所有)[^\p{L}\p{N}]*(?:events?|alerts?|事件|提醒)/u.test(lower);
      for (const event of events) {
        const words = Object.values(eventWords[event]).flat();
        assert.ok(everyEvent || words.some((word) => lower.includes(word)), `${event} from ${text}`);
      }
      if (quiet !== undefined) assert.match(lower, /quiet|免打扰/);
      if (timeZone !== undefined) assert.match(lower, /utc|gmt|\//);
      if (weekly !== undefined) assert.match(lower, /weekly|周/);
      // A word that means nothing is never dropped: it is part of a name, or stops everything.
      if (/contoso/.test(lower))
        assert.ok(target?.kind === 'name' && target.name.toLowerCase().includes('contoso'), text);
    }),
    { numRuns: 5000 },
  );
});
