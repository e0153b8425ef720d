import { formats } from '../formats.ts';
import type { Texts } from '../texts.ts';

const { days } = formats['zh-CN'];

export const verify: Texts['verify'] = {
  actionTitle: '验证',
  headline: {
    done: '已续订，一切正常',
    notYet: '就 Intune 所示，尚未续订',
    otherAccount: '令牌文件来自其他帐户',
    notWorking: '已续订，但尚未恢复正常',
  },
  label: { organization: '组织' },
  expiry: {
    moved: '已改为更晚的日期',
    ahead: '没有可比较的旧日期，但剩余时间与刚续订时相当',
    notMoved: '没有变化',
    earlier: '改为了更早的日期',
    near: '对刚续订的令牌来说太近：有效期应为一年',
    past: '已过期',
    unknown: 'Intune 没有给出日期',
  },
  comparedWith: (date) => `与 ${date} 的记录相比`,
  sameness: {
    same: (_before, after) => `${after}，与之前相同`,
    changed: (before, after) => `与之前不同：${before} → ${after}`,
    nothingToCompare: (_before, after) => `${after}；没有可比较的记录`,
  },
  sync: {
    completed: '已完成',
    running: '正在进行',
    failed: '失败',
    never: '从未同步',
    stale: '已完成，但在 36 小时以前',
    stuck: '已进行超过 30 分钟，似乎卡住了',
  },
  next: {
    done: '无需操作。许可证分配和应用更新会继续。',
    otherAppleId: (appleId) => `请以之前的帐户 ${appleId} 下载令牌文件，并上传到这一个令牌。请勿删除令牌。`,
    otherOrganization: (organization) =>
      `请下载之前的组织 ${organization} 的令牌文件，并上传到这一个令牌。请勿删除令牌。`,
    tryAgain: (name) =>
      `Intune 显示的日期可能会滞后。请几分钟后再次输入“验证 ${name}”；如果仍没有变化，请将文件重新上传到这一个令牌。`,
    maybeBefore: (count, name) =>
      `剩余 ${days(count)}，可能在查看续订步骤之前就已续订；如果是这样，则已全部完成。否则请几分钟后再次输入“验证 ${name}”，因为日期可能会滞后。`,
    sync: (name) => `请输入“同步 ${name}”，结束后再输入“验证 ${name}”。`,
    waitForSync: (name) => `请等待同步结束，然后再次输入“验证 ${name}”。`,
  },
};
