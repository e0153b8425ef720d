import { type AlertActsParts, createAcknowledgeCommand, createSnoozeCommand } from '../../src/commands/alert-acts.ts';
import { type AlertsCommandParts, createAlertsCommand } from '../../src/commands/alerts.ts';
import { type AlertsOffParts, createAlertsOffCommand } from '../../src/commands/alerts-off.ts';
import { type AlertsOnParts, createAlertsOnCommand } from '../../src/commands/alerts-on.ts';
import type { Command } from '../../src/commands/command.ts';
import { createDoctorCommand, type DoctorCommandParts } from '../../src/commands/doctor.ts';
import { createHelpCommand } from '../../src/commands/help.ts';
import { createHistoryCommand, type HistoryCommandParts } from '../../src/commands/history.ts';
import { createLicensesCommand, type LicensesCommandParts } from '../../src/commands/licenses.ts';
import { createListCommand, type ListCommandParts } from '../../src/commands/list.ts';
import { createRenewCommand, type RenewCommandParts } from '../../src/commands/renew.ts';
import { createSignInCommand } from '../../src/commands/sign-in.ts';
import { createSignOutCommand } from '../../src/commands/sign-out.ts';
import { createStatusCommand, type StatusCommandParts } from '../../src/commands/status.ts';
import { createSyncCommand, type SyncCommandParts } from '../../src/commands/sync.ts';
import { createThanksCommand } from '../../src/commands/thanks.ts';
import { createVerifyCommand, type VerifyCommandParts } from '../../src/commands/verify.ts';
import { createWhoamiCommand, type WhoamiCommandParts } from '../../src/commands/whoami.ts';

const unused = () => {
  throw new Error('Only the words of the commands are looked at here');
};
const noParts = new Proxy({}, { get: () => unused });

/** Every command with its real words and without anything behind it. */
export const wordsOfCommands: readonly Command[] = [
  createSyncCommand(noParts as SyncCommandParts),
  createStatusCommand(noParts as StatusCommandParts),
  createListCommand(noParts as ListCommandParts),
  createLicensesCommand(noParts as LicensesCommandParts),
  createRenewCommand(noParts as RenewCommandParts),
  createVerifyCommand(noParts as VerifyCommandParts),
  createHistoryCommand(noParts as HistoryCommandParts),
  createAlertsCommand(noParts as AlertsCommandParts),
  createAlertsOnCommand(noParts as AlertsOnParts),
  createAlertsOffCommand(noParts as AlertsOffParts),
  createAcknowledgeCommand(noParts as AlertActsParts),
  createSnoozeCommand(noParts as AlertActsParts),
  createSignInCommand(),
  createSignOutCommand({ forget: unused, audit: { note: unused } }),
  createWhoamiCommand(noParts as WhoamiCommandParts),
  createDoctorCommand(noParts as DoctorCommandParts),
  createHelpCommand(),
  createThanksCommand(),
];
