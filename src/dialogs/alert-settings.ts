import type { AlertSettingsRecord } from '../domain/card-record.ts';
import type { CardActionHandler, CardActionHandlers } from './card-action.ts';
import { type Command, getCommand, getGraphCommand, printCall } from './command.ts';

/**
 * The form of a conversation's alerts and the button that leads to it. Its record is nobody's own: anybody in the conversation may press
 * Save, as themselves, and what is refused is said to them alone while the form keeps what they typed.
 */
export function alertSettingsHandlers(commands: readonly Command[]): CardActionHandlers {
  const settings = getGraphCommand(commands, 'alertsSettings');
  const alerts = getCommand(commands, 'alerts');
  const onForm: Pick<CardActionHandler, 'kind' | 'once' | 'where' | 'resume'> = {
    kind: 'alertSettings',
    once: false,
    where: 'onCard',
    // No line says as much as the form: after a sign-in elsewhere it is shown again.
    resume: () => printCall({ command: settings, rest: '' }),
  };
  return {
    'alertSettings/show': { ...onForm, kind: 'openAlerts', run: (turn) => settings.run(turn, '') },
    'alertSettings/save': {
      ...onForm,
      audits: 'alertsOn',
      async run(turn, record, inputs) {
        if (!settings.form) throw new Error('The command “alerts settings” has no form');
        return settings.form.save(turn, record.payload as AlertSettingsRecord, inputs);
      },
    },
    'alertSettings/cancel': { ...onForm, run: (turn) => alerts.run(turn, '') },
  };
}
