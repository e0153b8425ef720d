import type { Texts } from '../texts.ts';

const renew =
  '请从 Apple 商务管理或 Apple 校园教务管理下载新的令牌文件，并上传到 Intune 中的这一个令牌。请勿删除令牌，否则其应用和分配会一并丢失。';

export const state: Texts['state'] = {
  word: {
    valid: '有效',
    expired: '已过期',
    invalid: '无效',
    assignedToExternalMDM: '已被其他 MDM 使用',
    duplicateLocationId: '位置重复',
    unknown: '未知',
  },
  validButExpiresSoon: '有效，即将到期',
  validButPast: '有效，但已过到期日期',
  other: (raw) => `Intune 返回“${raw}”`,
  syncWord: { none: '从未同步', inProgress: '正在进行', completed: '已完成', failed: '失败' },
  lastSyncFailed: '上次同步失败',
  advice: {
    expired: { cause: '令牌的一年有效期已过。续订之前无法分配许可证，应用也不会更新。', next: renew },
    invalid: {
      cause: '其管理式 Apple 帐户的密码或域名已更改、帐户被停用、所有者已离职，或令牌已过期。Intune 不会说明是哪一种。',
      next: `请先确认该帐户仍可使用。${renew}`,
    },
    assignedToExternalMDM: {
      cause: '另一个设备管理服务已占用此位置。一个令牌同一时间只能用于一个服务。',
      next: '请先在另一个服务中移除此令牌，再回到这里同步。',
    },
    duplicateLocationId: {
      cause: 'Intune 中另有一个令牌对应同一个 Apple 位置。许可证仍可分配和收回，但新购买的内容可能不会显示。',
      next: '请在 Intune 中保留其中一个令牌，移除重复的令牌。',
    },
    unknown: {
      cause: 'Intune 没有给出此令牌的状态。',
      next: '请同步一次。如果状态仍然未知，请在 Intune 管理中心检查此令牌。',
    },
    syncFailed: {
      cause: 'Intune 没有说明原因。常见情况是 Apple 有新条款需要 Apple 管理员接受，或 Apple、Intune 的服务出现故障。',
      next: '请再同步一次。如果仍然失败，请到 Apple 商务管理或 Apple 校园教务管理查看是否有新条款。',
    },
    expiresSoon: { cause: '', next: `请在到期前续订，否则许可证分配和应用更新会停止。${renew}` },
  },
};
