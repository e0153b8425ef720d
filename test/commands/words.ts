import {
  createSignInCommand,
  createSignOutCommand,
  createWhoamiCommand,
  type WhoamiCommandParts,
} from '../../src/commands/account.ts';
import {
  type AlertActsParts,
  type AlertsCommandParts,
  createAcknowledgeCommand,
  createAlertsCommand,
  createSnoozeCommand,
} from '../../src/commands/alerts.ts';
import { type AlertsOffParts, createAlertsOffCommand } from '../../src/commands/alerts-off.ts';
import { type AlertsOnParts, createAlertsOnCommand } from '../../src/commands/alerts-on.ts';
import { createDoctorCommand, type DoctorCommandParts } from '../../src/commands/doctor.ts';
import { createHelpCommand, createThanksCommand } from '../../src/commands/help.ts';
import { createHistoryCommand, type HistoryCommandParts } from '../../src/commands/history.ts';
import { createLicensesCommand, type LicensesCommandParts } from '../../src/commands/licenses.ts';
import { createListCommand, type ListCommandParts } from '../../src/commands/list.ts';
import {
  createRenewCommand,
  createVerifyCommand,
  type RenewCommandParts,
  type VerifyCommandParts,
} from '../../src/commands/renewal.ts';
import { createStatusCommand, type StatusCommandParts } from '../../src/commands/status.ts';
import { createSyncCommand, type SyncCommandParts } from '../../src/commands/sync.ts';
import type { Command } from '../../src/dialogs/command.ts';

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
  createSignOutCommand({ forget: unused, audit: { record: unused } }),
  createWhoamiCommand(noParts as WhoamiCommandParts),
  createDoctorCommand(noParts as DoctorCommandParts),
  createHelpCommand(),
  createThanksCommand(),
];
