import type { Texts } from './en.ts';
import * as account from './zh-CN/account.ts';
import * as alertSettings from './zh-CN/alert-settings.ts';
import * as alerts from './zh-CN/alerts.ts';
import * as common from './zh-CN/common.ts';
import * as connectors from './zh-CN/connectors.ts';
import * as doctor from './zh-CN/doctor.ts';
import * as help from './zh-CN/help.ts';
import * as licenses from './zh-CN/licenses.ts';
import * as openAlerts from './zh-CN/open-alerts.ts';
import * as sync from './zh-CN/sync.ts';
import * as tokens from './zh-CN/tokens.ts';

/** Simplified Chinese. */
export const zhCN: Texts = {
  ...account,
  ...alertSettings,
  ...alerts,
  ...common,
  ...connectors,
  ...doctor,
  ...help,
  ...licenses,
  ...openAlerts,
  ...sync,
  ...tokens,
  commands: {
    ...sync.commands,
    ...tokens.commands,
    ...connectors.commands,
    ...alerts.commands,
    ...alertSettings.commands,
    ...openAlerts.commands,
    ...account.commands,
    ...doctor.commands,
    ...help.commands,
  },
};
