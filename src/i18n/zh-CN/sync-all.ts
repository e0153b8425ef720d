import { formats } from '../formats.ts';
import type { Texts } from '../texts.ts';

const { duration, number } = formats['zh-CN'];

export const syncAll: Texts['syncAll'] = {
  plan: {
    heading: (run, total) => `同步 ${number(total)} 个令牌中的 ${number(run)} 个？`,
    nothing: (total) => `${number(total)} 个令牌目前都不能同步`,
    nothingNext: '没有发起任何操作，原因见下。',
    run: (count) => `将同步：${number(count)}`,
    skipped: {
      inProgress: (count) => `跳过，已有同步正在进行：${number(count)}`,
      coolingDown: (count) => `跳过，几分钟前刚同步过：${number(count)}`,
      expired: (count) => `跳过，已过期：${number(count)}`,
      invalid: (count) => `跳过，无效：${number(count)}`,
      assignedToExternalMDM: (count) => `跳过，已被其他 MDM 使用：${number(count)}`,
    },
    more: (count) => `另有 ${number(count)} 个`,
    bound: (person, ms) =>
      `尚未开始。点击“应用”会以 ${person} 的身份同步以上令牌，其他人无法代为执行；此计划在 ${duration(ms)}内有效。也可以输入“应用”或“取消”。`,
    drifted: '没有发起任何操作：计划生成之后出现了以下变化。点击“应用”以执行新的计划。',
    driftedToNothing: '没有发起任何操作：计划生成之后出现了以下变化。',
    drift: {
      gone: (name) => `${name} 已不在 Intune 中`,
      added: (name) => `${name} 现在也可以同步`,
      inProgress: (name) => `${name} 正在同步`,
      coolingDown: (name) => `${name} 刚刚同步过`,
      expired: (name) => `${name} 已过期`,
      invalid: (name) => `${name} 无效`,
      assignedToExternalMDM: (name) => `${name} 已被其他 MDM 使用`,
    },
  },
  progress: {
    running: (done, total) => `正在同步 ${number(total)} 个令牌：已结束 ${number(done)} 个`,
    ended: {
      good: (total, ms) => `${number(total)} 个令牌全部同步完成，用时 ${duration(ms)}`,
      mixed: (completed, total, ms) =>
        `${number(total)} 个令牌中有 ${number(completed)} 个同步完成，用时 ${duration(ms)}`,
    },
    count: {
      completed: (count) => `已完成：${number(count)}`,
      running: (count) => `正在进行：${number(count)}`,
      waiting: (count) => `等待中：${number(count)}`,
      failed: (count) => `失败：${number(count)}`,
      noResult: (count) => `没有结果：${number(count)}`,
      notStarted: (count) => `未启动：${number(count)}`,
      joined: (count) => `加入了他人已发起的同步：${number(count)}`,
    },
    elapsed: (ms) => `已用时：${duration(ms)}`,
    askedBy: (person) => `发起人：${person}。每次同步都使用发起人本人的权限。`,
    follows: '此卡片会一直更新，直到全部结束。',
    trouble: '未完成',
    more: (count) => `另有 ${number(count)} 个`,
    restarted: '机器人在发出全部请求之前重新启动。已开始的同步会跟踪到结束，其余的没有发起。',
    restartedNext: '请输入“同步 全部”，为其余令牌重新生成计划。',
    stopped: 'Intune 拒绝的原因适用于所有令牌，因此没有再为其余令牌发起请求。',
  },
  reason: {
    failed: '同步失败，Intune 没有说明原因',
    failedIn: (state) => `同步失败，令牌状态：${state}`,
    stuck: '似乎卡住了，可能仍在 Intune 中进行',
    noResult: '到截止时间仍没有结果，Intune 会继续进行',
    deleted: '令牌在此期间被删除',
    notStarted: 'Intune 未明确答复，也没有迹象表明已开始',
    lost: '这里无法看到它的结果',
    notAsked: '未启动',
    coolingDown: '未启动：几分钟前有人同步过',
    refused: 'Intune 拒绝了请求',
    unexpected: '机器人自身的故障，已记入日志',
    badRequest: 'Intune 无法理解该请求',
    tokenRejected: 'Intune 没有接受您的登录',
    claimsChallenge: 'Intune 要求重新登录',
    missingScope: '机器人缺少 Microsoft Graph 的一项权限',
    forbidden: '您被拒绝：角色、许可证或作用域标记',
    notFound: '已不在 Intune 中，或对您不可见',
    conflict: 'Intune 正在处理它',
    throttled: 'Intune 不再接受更多请求',
    unavailable: 'Intune 当时不可用',
    timedOut: 'Intune 没有及时响应',
    unreadable: '无法读取 Intune 的响应',
    mayHaveStarted: 'Intune 没有确认，可能已经开始',
  },
};
