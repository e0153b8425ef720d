import type { Texts } from '../texts.ts';

export const renew: Texts['renew'] = {
  heading: (name) => `续订 ${name}`,
  summary: (name) => `如何续订 ${name}`,
  site: {
    business: (address) => `Apple 商务管理（${address}）`,
    education: (address) => `Apple 校园教务管理（${address}）`,
    either: (business, school) => `Apple 商务管理（${business}）或 Apple 校园教务管理（${school}）`,
  },
  steps: {
    signIn: (site, appleId) => `以 ${appleId} 登录 ${site}。此令牌是用该帐户创建的，请勿使用其他帐户。`,
    signInUnknown: (site) => `使用创建此令牌的帐户登录 ${site}。Intune 没有给出是哪个帐户。`,
    download: (location) =>
      `打开“偏好设置”→“付款与账单”→“App 与图书”，在“内容令牌”下找到 ${location} 并下载其令牌文件。`,
    open: (name) => `在 Intune 管理中心打开“租户管理”→“连接器和令牌”→“Apple VPP 令牌”，然后选择 ${name}。`,
    upload: '在“基本信息”旁选择“编辑”，将文件上传到这一个令牌并保存。',
    verify: (name) => `回到这里输入“验证 ${name}”。新日期可能要几分钟后才会显示。`,
  },
  keep: '请就地更新令牌。请勿删除令牌，否则其应用和分配会一并丢失。',
  remembered: '为了之后的验证，我已记下此令牌当前的到期日期、Apple ID 和组织。',
  notice: {
    invalid: '请先确认第 1 步中的帐户仍可使用：用失效的帐户续订没有帮助。',
    assignedToExternalMDM: '仅续订无法解决：另一个设备管理服务已占用此位置。请先在那里移除此令牌。',
    duplicateLocationId: '续订无法解决：Intune 中另有一个令牌对应同一个位置。请移除重复的令牌。',
  },
  open: '在 Intune 管理中心中打开',
};
