import type { Command } from '../dialogs/command.ts';
import {
  createSignInCommand,
  createSignOutCommand,
  createWhoamiCommand,
  type SignOutParts,
  type WhoamiCommandParts,
} from './account.ts';
import {
  type AlertActsParts,
  type AlertsCommandParts,
  createAcknowledgeCommand,
  createAlertsCommand,
  createSnoozeCommand,
} from './alerts.ts';
import { type AlertsOffParts, createAlertsOffCommand } from './alerts-off.ts';
import { type AlertsOnParts, createAlertsOnCommand } from './alerts-on.ts';
import { createDoctorCommand, type DoctorCommandParts } from './doctor.ts';
import { createHelpCommand, createThanksCommand } from './help.ts';
import { createHistoryCommand, type HistoryCommandParts } from './history.ts';
import { createLicensesCommand, type LicensesCommandParts } from './licenses.ts';
import { createListCommand, type ListCommandParts } from './list.ts';
import { createRenewCommand, createVerifyCommand, type RenewCommandParts, type VerifyCommandParts } from './renewal.ts';
import { createStatusCommand, type StatusCommandParts } from './status.ts';
import { createSyncCommand, type SyncCommandParts } from './sync.ts';

export interface CommandParts {
  readonly sync: SyncCommandParts;
  readonly status: StatusCommandParts;
  readonly list: ListCommandParts;
  readonly licenses: LicensesCommandParts;
  readonly renewal: RenewCommandParts & VerifyCommandParts;
  readonly history: HistoryCommandParts;
  readonly alerts: AlertsCommandParts & AlertsOnParts & AlertsOffParts & AlertActsParts;
  readonly whoami: WhoamiCommandParts;
  readonly doctor: DoctorCommandParts;
  readonly signOut: SignOutParts;
}

/** Everything people can say. A command exists once it stands here. */
export function createCommands({
  sync,
  status,
  list,
  licenses,
  renewal,
  history,
  alerts,
  whoami,
  doctor,
  signOut,
}: CommandParts): readonly Command[] {
  return [
    createSyncCommand(sync),
    createStatusCommand(status),
    createListCommand(list),
    createLicensesCommand(licenses),
    createRenewCommand(renewal),
    createVerifyCommand(renewal),
    createHistoryCommand(history),
    createAlertsCommand(alerts),
    createAlertsOnCommand(alerts),
    createAlertsOffCommand(alerts),
    createAcknowledgeCommand(alerts),
    createSnoozeCommand(alerts),
    createSignInCommand(),
    createSignOutCommand(signOut),
    createWhoamiCommand(whoami),
    createDoctorCommand(doctor),
    createHelpCommand(),
    createThanksCommand(),
  ];
}
