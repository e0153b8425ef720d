import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textsFor } from '../../src/i18n/texts.ts';

const ms = 61_000;
const list = ['ARG', 'ARG'];

/** What each text that takes something is given here. A new one must be added. */
const given: Readonly<Record<string, readonly unknown[]>> = {
  'alert.ended.deleted': [ms],
  'alert.ended.resolved': [ms],
  'alert.ended.superseded': [ms],
  'alert.line.cameBack': ['ARG', 'ARG'],
  'alert.line.changed': ['ARG', 'ARG'],
  'alert.line.deleted': ['ARG', 'ARG'],
  'alert.line.escalated': ['ARG', 'ARG'],
  'alert.line.opened': ['ARG', 'ARG'],
  'alert.line.reminded': ['ARG', 'ARG'],
  'alert.line.resolved': ['ARG', 'ARG', ms],
  'alert.line.standing': ['ARG', 'ARG'],
  'alert.line.superseded': ['ARG', 'ARG'],
  'alert.moreApps': [2],
  'alert.moreLines': [2],
  'alert.told.acknowledged': ['ARG', 'ARG'],
  'alert.told.snoozed': ['ARG', 2],
  'alert.told.taken': ['ARG'],
  'alert.was': ['ARG'],
  'alert.what.expiring': [2],
  'alert.what.licensesLow': [2],
  'alert.what.licensesUsedUp': [2],
  'alert.what.syncStale': [ms],
  'alert.what.syncStuck': [ms],
  'alerts.added': ['ARG'],
  'alerts.again.more': [2],
  'alerts.again.what': ['ARG'],
  'alerts.already': ['ARG'],
  'alerts.ended': ['ARG'],
  'alerts.eventsOfAll': [2],
  'alerts.follows': [2],
  'alerts.goneTokens': [2],
  'alerts.hidden': ['ARG'],
  'alerts.moreTokens': [2],
  'alerts.notInList': ['ARG'],
  'alerts.oneOfAll': ['ARG'],
  'alerts.otherOrganisation': ['ARG'],
  'alerts.partial': [2],
  'alerts.problem.nearZone': ['ARG', 'ARG'],
  'alerts.problem.noZone': ['ARG'],
  'alerts.problem.twoNames': ['ARG', 'ARG'],
  'alerts.problem.twoTargets': ['ARG'],
  'alerts.quiet': ['ARG', 'ARG'],
  'alerts.replaced': [2],
  'alerts.someTokens': [2],
  'alerts.summary': ['ARG', 'ARG'],
  'alerts.suspended': ['ARG'],
  'alerts.takenOut': ['ARG', 2],
  'alerts.takenOutBy': ['ARG', 'ARG', 2],
  'alerts.unknown': ['ARG'],
  'alerts.unknownExtent': [2],
  'alerts.zone.client': ['ARG'],
  'alerts.zone.kept': ['ARG'],
  'alerts.zone.none': ['ARG'],
  'alerts.zone.said': ['ARG'],
  'card.change': ['ARG', 'ARG'],
  'card.daysAgo': [2],
  'card.daysLeft': [2],
  'card.labelled': ['ARG'],
  'card.moreChanges': [2],
  'card.reference': ['ARG'],
  'card.summary': ['ARG', 'ARG', 'ARG'],
  'doctor.audit.broken': [1234, 86_400_000],
  'doctor.audit.good': [2, 86_400_000],
  'doctor.audit.keyChanged': [2, 86_400_000, 86_400_000],
  'doctor.audit.partly': [2, 3],
  'digest.acknowledgedBy': ['ARG'],
  'digest.count.critical': [2],
  'digest.count.ended': [2],
  'digest.count.info': [2],
  'digest.count.warning': [2],
  'digest.heading.burst': [2],
  'digest.heading.morning': [2],
  'digest.heading.standing': [2],
  'digest.more': [2],
  'digest.weekly.expiryHeading': [2],
  'digest.weekly.heading': [2],
  'digest.weekly.more': [2],
  'digest.weekly.openHeading': [2],
  'digest.weekly.syncs': [2, 3],
  'doctor.clock.wrong': [ms],
  'doctor.consent.lacks': [list],
  'doctor.monitoring.failed.licenses': [2],
  'doctor.monitoring.failed.tokens': [2],
  'doctor.monitoring.lacks': [list],
  'doctor.monitoring.lastGood': ['ARG'],
  'doctor.monitoring.overdue': ['ARG'],
  'doctor.monitoring.refused': ['ARG'],
  'doctor.registration.refused': ['ARG'],
  'doctor.role.good': [2],
  'doctor.role.refused': ['ARG', 'ARG'],
  'doctor.signIn.good': ['ARG'],
  'doctor.store.good': ['ARG', 'ARG'],
  'doctor.summary': ['ARG'],
  'doctor.toLookAt': [2],
  'doctor.toMend': [2],
  'doctor.tooSlow': [ms],
  'doctor.version': ['ARG'],
  'errors.graph.missingScope': [list],
  'errors.graph.throttled': [ms],
  'errors.tooLong': [4000],
  'errors.unknownCommand': ['ARG'],
  'history.more': [2],
  'history.noneOf': ['ARG'],
  'history.other': ['ARG'],
  'history.outcome.completed': [ms],
  'history.outcome.failed': [ms],
  'history.outcome.noResult': [ms],
  'history.outcome.stuck': [ms],
  'history.running': [ms],
  'history.summary': [2],
  'history.summaryOf': ['ARG', 2],
  'licenses.apps': [2],
  'licenses.count.fine': [2],
  'licenses.count.low': [2],
  'licenses.count.none': [2],
  'licenses.count.over': [2],
  'licenses.count.usedUp': [2],
  'licenses.heading': ['ARG'],
  'licenses.left': [2],
  'licenses.lowOf': [2, 3],
  'licenses.more': [2],
  'licenses.moreAndFilter': [2],
  'licenses.noApps': ['ARG'],
  'licenses.noneLow': ['ARG', 2],
  'licenses.over': [2],
  'licenses.untold': ['ARG'],
  'licenses.used': [2, 3],
  'list.count.assignedToExternalMDM': [2],
  'list.count.duplicateLocationId': [2],
  'list.count.expired': [2],
  'list.count.expiring': [2],
  'list.count.fine': [2],
  'list.count.invalid': [2],
  'list.count.otherState': [2],
  'list.count.stale': [2],
  'list.count.syncFailed': [2],
  'list.heading.all': [2],
  'list.heading.expiring': [2, 3],
  'list.heading.failed': [2, 3],
  'list.heading.stale': [2, 3],
  'list.more': [2],
  'list.moreAndFilters': [2],
  'list.noneMatch.expiring': [2],
  'list.noneMatch.failed': [2],
  'list.noneMatch.stale': [2],
  'list.sync.completed': [ms],
  'list.sync.failed': [ms],
  'list.sync.other': ['ARG'],
  'list.sync.stuck': [ms],
  'list.unknownFilter': ['ARG'],
  'press.somebodyElses': ['ARG'],
  'renew.heading': ['ARG'],
  'renew.site.business': ['ARG'],
  'renew.site.education': ['ARG'],
  'renew.site.either': ['ARG', 'ARG'],
  'renew.steps.download': ['ARG'],
  'renew.steps.open': ['ARG'],
  'renew.steps.signIn': ['ARG', 'ARG'],
  'renew.steps.signInUnknown': ['ARG'],
  'renew.steps.verify': ['ARG'],
  'renew.summary': ['ARG'],
  'resolve.gone': ['ARG'],
  'resolve.none': ['ARG'],
  'resolve.notShown': [2],
  'resolve.numberOutside': [2],
  'resolve.which': ['ARG', 2],
  'resolve.whichOfAll': [2],
  'signIn.failedRegistration': ['ARG'],
  'signIn.continueBound': ['ARG'],
  'signIn.continueExpires': [ms],
  'signIn.continueSummary': ['ARG'],
  'signIn.continueWhat': ['ARG', 'ARG'],
  'signIn.refused': ['ARG'],
  'signIn.signedIn': ['ARG'],
  'signIn.throttled': [ms],
  'state.other': ['ARG'],
  'suspended.channel': ['ARG'],
  'suspended.groupChat': ['ARG'],
  'sync.batch.notCompared': [2],
  'sync.batch.notComparedAs': [2, 'ARG'],
  'sync.completed': ['ARG', ms],
  'sync.deleted': ['ARG'],
  'sync.detail.joinedBy': ['ARG'],
  'sync.detail.refusedLate': ['ARG'],
  'sync.detail.soFar': [ms],
  'sync.detail.soFarOfUsual': [ms, ms],
  'sync.detail.usual': [ms],
  'sync.failed': ['ARG', ms],
  'sync.headline.completed': [ms],
  'sync.headline.failed': [ms],
  'sync.headline.noResult': [ms],
  'sync.headline.stuck': [ms],
  'sync.joined': ['ARG'],
  'sync.licenses.notComparedAs': ['ARG'],
  'sync.lost': ['ARG'],
  'sync.noResult': ['ARG', ms],
  'sync.notStarted': ['ARG'],
  'sync.refusedLate': ['ARG'],
  'sync.refused.assignedToExternalMDM': ['ARG'],
  'sync.refused.coolDown': ['ARG', ms, ms],
  'sync.refused.expired': ['ARG'],
  'sync.refused.invalid': ['ARG'],
  'sync.running': ['ARG'],
  'sync.stuck': ['ARG'],
  'syncAll.plan.bound': ['ARG', ms],
  'syncAll.plan.drift.added': ['ARG'],
  'syncAll.plan.drift.assignedToExternalMDM': ['ARG'],
  'syncAll.plan.drift.coolingDown': ['ARG'],
  'syncAll.plan.drift.expired': ['ARG'],
  'syncAll.plan.drift.gone': ['ARG'],
  'syncAll.plan.drift.inProgress': ['ARG'],
  'syncAll.plan.drift.invalid': ['ARG'],
  'syncAll.plan.heading': [2, 3],
  'syncAll.plan.more': [2],
  'syncAll.plan.nothing': [2],
  'syncAll.plan.run': [2],
  'syncAll.plan.skipped.assignedToExternalMDM': [2],
  'syncAll.plan.skipped.coolingDown': [2],
  'syncAll.plan.skipped.expired': [2],
  'syncAll.plan.skipped.inProgress': [2],
  'syncAll.plan.skipped.invalid': [2],
  'syncAll.progress.askedBy': ['ARG'],
  'syncAll.progress.count.completed': [2],
  'syncAll.progress.count.failed': [2],
  'syncAll.progress.count.joined': [2],
  'syncAll.progress.count.noResult': [2],
  'syncAll.progress.count.notStarted': [2],
  'syncAll.progress.count.running': [2],
  'syncAll.progress.count.waiting': [2],
  'syncAll.progress.elapsed': [ms],
  'syncAll.progress.ended.good': [2, ms],
  'syncAll.progress.ended.mixed': [2, 3, ms],
  'syncAll.progress.more': [2],
  'syncAll.progress.running': [2, 3],
  'syncAll.reason.failedIn': ['ARG'],
  'verify.comparedWith': ['ARG'],
  'verify.next.maybeBefore': [2, 'ARG'],
  'verify.next.otherAppleId': ['ARG'],
  'verify.next.otherOrganization': ['ARG'],
  'verify.next.sync': ['ARG'],
  'verify.next.tryAgain': ['ARG'],
  'verify.next.waitForSync': ['ARG'],
  'verify.sameness.changed': ['ARG', 'ARG'],
  'verify.sameness.nothingToCompare': ['ARG', 'ARG'],
  'verify.sameness.same': ['ARG', 'ARG'],
  'welcome.addedBy': ['ARG'],
  'whoami.mayRead': [2],
  'whoami.refused': ['ARG', 'ARG', 'ARG'],
  'whoami.summary': ['ARG'],
};

/** Every text by its path; what a function makes stands under the function's own path. */
function* textsOf(value: unknown, path = ''): Generator<[string, string]> {
  if (typeof value === 'string') yield [path, value];
  else if (typeof value === 'function')
    yield* textsOf(value(...(given[path] ?? assert.fail(`${path} has no example`))), path);
  else for (const [key, item] of Object.entries(value as object)) yield* textsOf(item, path ? `${path}.${key}` : key);
}

test('both languages have the same texts, and none is empty but those meant to be', () => {
  const en = new Map(textsOf(textsFor('en')));
  const zh = new Map(textsOf(textsFor('zh-CN')));
  assert.deepEqual([...zh.keys()].sort(), [...en.keys()].sort());
  for (const [path, text] of [...en, ...zh]) assert.ok(text !== '' || path === 'state.advice.expiresSoon.cause', path);
});

test('what a text is given stands in it in both languages', () => {
  const english = new Map(textsOf(textsFor('en')));
  for (const [path, text] of textsOf(textsFor('zh-CN'))) {
    assert.equal(text.split('ARG').length, english.get(path)?.split('ARG').length, path);
    for (const said of [text, english.get(path) ?? '']) assert.doesNotMatch(said, /undefined|NaN|\[object/, path);
  }
});

test('Chinese is Chinese', () => {
  const without = [
    'alerts.summary',
    'card.label.appleId',
    'card.change',
    'card.labelled',
    'card.summary',
    'list.separator',
    'state.advice.expiresSoon.cause',
  ];
  for (const [path, text] of textsOf(textsFor('zh-CN'))) {
    if (!without.includes(path)) assert.match(text, /\p{Script=Han}/u, `${path}: ${text}`);
  }
});

test('button titles in English are those of the wire contract', () => {
  assert.deepEqual(Object.values(textsFor('en').buttons), [
    'Sync now',
    'Refresh',
    'Licences',
    'Renew',
    'History',
    'Continue',
    'Sign in',
    'Apply',
    'Cancel',
    'Acknowledge',
    'Snooze',
  ]);
});

test('a refusal names role, licence and scope tags, because Intune does not tell which', () => {
  const { cause } = textsFor('en').errors.graph.forbidden;
  for (const word of ['role', 'licence', 'scope tags']) assert.ok(cause.includes(word));
});

test('a missing scope is named', () => {
  const scopes = ['DeviceManagementServiceConfig.ReadWrite.All', 'DeviceManagementApps.Read.All'];
  for (const locale of ['en', 'zh-CN'] as const) {
    const { cause } = textsFor(locale).errors.graph.missingScope(scopes);
    for (const scope of scopes) assert.ok(cause.includes(scope));
  }
});

test('renewing never reads as deleting the token', () => {
  for (const locale of ['en', 'zh-CN'] as const) {
    const { advice } = textsFor(locale).state;
    for (const { next } of [advice.expired, advice.invalid, advice.expiresSoon])
      assert.match(next, /Do not delete the token|请勿删除令牌/);
  }
});
