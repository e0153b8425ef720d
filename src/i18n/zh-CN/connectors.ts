import type { Texts } from '../en.ts';
import { formats, roughly } from '../formats.ts';

const { number } = formats['zh-CN'];

export const commands = {
  apple: {
    name: '苹果',
    usage: '苹果',
    summary: '查看所有 Apple 连接器：VPP 令牌、MDM 推送证书和注册令牌，问题严重的在前。',
    menu: '查看 VPP 令牌、MDM 推送证书和注册令牌，问题严重的在前',
  },
} satisfies Partial<Texts['commands']>;

const renewPush =
  '请用同一个 Apple ID 在 Apple 推送证书门户续订，并上传到 Intune。换用其他 Apple ID 时，每台设备都必须重新注册。';
const renewAde = '请从 Apple 商务或 Apple 校园教务管理下载新令牌，并上传到 Intune 中的同一个令牌。';
const newTerms = 'Intune 没有给出原因。常见的情况是 Apple 有新条款需要 Apple 管理员接受，或令牌在 Apple 处被替换。';

export const connector: Texts['connector'] = {
  pushTitle: 'MDM 推送证书',
  kind: { vpp: 'VPP 令牌', push: 'MDM 推送证书', ade: '注册令牌' },
  kinds: { vpp: 'VPP 令牌', push: 'MDM 推送证书', ade: '注册令牌' },
  heading: {
    every: (count) => `${number(count)} 个 Apple 连接器，问题严重的在前`,
    push: () => 'MDM 推送证书',
    ade: (count) => `${number(count)} 个注册令牌，问题严重的在前`,
  },
  advice: {
    push: {
      expired: { cause: '证书已过一年有效期。续订之前，Intune 无法联系任何 Apple 设备。', next: renewPush },
      expiresSoon: { cause: '有效期为一年。', next: `请在到期前续订，否则 Apple 设备都不再响应 Intune。${renewPush}` },
      tokenDeleted: {
        cause: '有人将它从 Intune 中移除。“租户管理”下的 Intune 审核日志会显示是谁。',
        next: '如果不是有意为之，请在设备失去联系之前，用同一个 Apple ID 重新上传证书。',
      },
    },
    ade: {
      expired: { cause: '令牌已过一年有效期。续订之前，新设备无法自动注册。', next: renewAde },
      expiresSoon: { cause: '有效期为一年。', next: `请在到期前续订，否则新设备无法注册。${renewAde}` },
      syncFailed: {
        cause: newTerms,
        next: '请再次同步。如果仍然失败，请在 Apple 商务或 Apple 校园教务管理中查看是否有新条款。',
      },
      syncStuck: { cause: 'Intune 很少需要这么久，可能出现了故障。', next: '请过几分钟再次同步。' },
      syncStale: { cause: newTerms, next: '请立即同步，看看是否正常。' },
      tokenDeleted: {
        cause: '有人或脚本删除了它。“租户管理”下的 Intune 审核日志会显示是谁。',
        next: '如果是有意为之，请确认此提醒；否则请重新添加令牌，并重新分配其设备的配置文件。',
      },
    },
  },
  what: {
    push: { expired: '证书已过期', tokenDeleted: '证书已从 Intune 中移除' },
    ade: { expired: '令牌已过期', tokenDeleted: '令牌已从 Intune 中删除' },
  },
  deletedMeans: {
    push: 'Intune 无法再联系已注册的 Apple 设备。',
    ade: 'Intune 不再获知 Apple 分配给它的设备。已注册的设备不受影响。',
  },
  notCovered: (what, permissions) =>
    `${what}：同意的权限未包含它，或您的 Intune 角色不包含它。需要权限 ${permissions}。`,
  notSetUp: (what) => `${what}：尚未在 Intune 中设置。`,
  off: (what) => `${what}：未读取，因为 Graph 只在测试版中提供。运维人员可以将 GRAPH_BETA 设为 on。`,
  monitored: (what, count) => `${what}：已监控（${number(count)}）。`,
  cover: '如需一并监控，请由全局管理员为此应用同意该应用程序权限。',
  uploaded: (agoMs) => `${roughly(agoMs, 'zh-CN')}前上传`,
  unread: (what) => `${what}：目前无法读取。`,
  noneNamed: (what, asked) => `${what}：没有名为“${asked}”的。`,
  notSynced: 'MDM 推送证书无需同步。输入“续订 推送”查看续订步骤。',
  noLicenses: (name) => `${name} 没有许可证；许可证按 VPP 令牌统计。`,
  renew: {
    push: {
      first: '请使用同一个 Apple ID。换用其他 Apple ID 时，每台 Apple 设备都必须重新注册。',
      steps: (account) => [
        '在 Intune 管理中心打开“设备”→“注册”→“Apple”→“Apple MDM Push Certificate”，下载签名请求（CSR）。',
        `以 ${account} 登录 Apple 推送证书门户（identity.apple.com），在此证书旁选择“续订”（不要选“创建”），并上传该请求。`,
        '下载续订后的证书，在 Intune 中输入同一个 Apple ID 并上传证书。',
      ],
      account: '创建证书时使用的 Apple ID',
      keep: '切勿在 Intune 中删除证书，否则设备会失去联系，必须重新注册。',
      open: '打开 Apple 门户',
    },
    ade: {
      steps: (account, name) => [
        `以 ${account} 登录 Apple 商务（business.apple.com）或 Apple 校园教务管理（school.apple.com）。`,
        `打开“设置”或“偏好设置”→“管理服务”，选择 ${name} 的服务器并下载其令牌。`,
        `在 Intune 管理中心打开“设备”→“注册”→“Apple”→“注册计划令牌”，选择 ${name}，然后选择“续订令牌”并上传文件。`,
      ],
      account: '创建令牌时使用的帐户',
      keep: '请就地续订。切勿删除令牌，否则其配置文件和分配会一并丢失。',
    },
    verify: (callName) => `回到这里点击“检查续订”，或输入“验证 ${callName}”。新日期可能需要几分钟才会显示。`,
  },
};
