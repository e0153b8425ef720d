import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { createSignInCommand, createSignOutCommand } from './account.ts';
import { createAlertSettingsCommand } from './alert-settings.ts';
import { createAlertsCommand, createDigestCommand } from './alerts.ts';
import { createAlertsOffCommand } from './alerts-off.ts';
import { createAlertsOnCommand } from './alerts-on.ts';
import { createDoctorCommand, createWhoamiCommand } from './doctor.ts';
import { createHelpCommand, createThanksCommand } from './help.ts';
import { createHistoryCommand } from './history.ts';
import { createLicensesCommand } from './licenses.ts';
import { createAppleCommand, createListCommand } from './list.ts';
import { createAlertsOpenCommand, createTakingCommands } from './open-alerts.ts';
import {
  createRemindRenewalCommand,
  createRenewCommand,
  createStartRenewalCommand,
  createVerifyCommand,
} from './renewal.ts';
import { createStatusCommand, createSyncCommand } from './sync.ts';

/** Everything people can say. A new command is one more line: it takes what it needs from the services. */
export function createCommands(services: CommandServices): readonly Command[] {
  return [
    createSyncCommand(services),
    createStatusCommand(services),
    createListCommand(services),
    createLicensesCommand(services),
    createRenewCommand(services),
    createStartRenewalCommand(services),
    createRemindRenewalCommand(services),
    createVerifyCommand(services),
    createHistoryCommand(services),
    createAppleCommand(services),
    createAlertsCommand(services),
    createAlertsOnCommand(services),
    createAlertsOffCommand(services),
    createAlertSettingsCommand(services),
    createAlertsOpenCommand(services),
    createDigestCommand(services),
    ...createTakingCommands(services),
    createSignInCommand(),
    createSignOutCommand(services),
    createWhoamiCommand(services),
    createDoctorCommand(services),
    createHelpCommand(),
    createThanksCommand(),
  ];
}
