import type { Texts } from '../en.ts';
import { formats, roughly } from '../formats.ts';

const { days, duration, number } = formats['zh-CN'];

export const commands = {
  status: {
    name: '状态',
    usage: '状态 contoso',
    summary: '查看令牌的状态、到期日期和上次同步。',
    menu: '查看令牌的状态、到期日期和上次同步：状态 contoso',
  },
  list: {
    name: '列表',
    usage: '列表 即将到期',
    summary: '查看所有令牌，问题严重的在前；也可只看即将到期、失败或久未同步的。',
    menu: '查看所有令牌，问题严重的在前：列表、列表 即将到期',
  },
  licenses: {
    name: '许可证',
    usage: '许可证 contoso',
    summary: '查看每个应用或某一个应用在各令牌的许可证；加上“不足”只看紧缺的。',
    menu: '查看每个应用已用和剩余的许可证：许可证 contoso',
  },
  renew: {
    name: '续订',
    usage: '续订 contoso',
    summary: '逐步查看如何续订令牌。',
    menu: '逐步查看如何续订令牌：续订 contoso',
  },
  verify: {
    name: '验证',
    usage: '验证 contoso',
    summary: '检查续订是否已生效。',
    menu: '检查续订是否已生效：验证 contoso',
  },
  history: {
    name: '历史',
    usage: '历史 contoso',
    summary: '查看谁在何时同步过令牌，以及结果如何。',
    menu: '查看谁在何时同步过令牌，以及结果如何：历史 contoso',
  },
} satisfies Partial<Texts['commands']>;

const renewAdvice =
  '请从 Apple 商务或 Apple 校园教务管理下载新的令牌文件，并上传到 Intune 中的同一个令牌。请勿删除令牌，否则其应用和分配会一并丢失。';

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
  expiredButAhead: 'Intune 仍显示已过期',
  other: (raw) => `Intune 返回“${raw}”`,
  syncWord: { none: '从未同步', inProgress: '正在进行', completed: '已完成', failed: '失败' },
  lastSyncFailed: '上次同步失败',
  advice: {
    expired: { cause: '令牌的一年有效期已过。续订之前无法分配许可证，应用也不会更新。', next: renewAdvice },
    expiredButAhead: {
      cause: '到期日期尚未到，说明令牌已续订。Intune 会在下次同步完成后更新状态。',
      next: '请立即同步。',
    },
    invalid: {
      cause: '其管理式 Apple 帐户的密码或域名已更改、帐户被停用、所有者已离职，或令牌已过期。Intune 不会说明是哪一种。',
      next: `请先确认该帐户仍可使用。${renewAdvice}`,
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
      next: '请同步一次。如果状态仍为未知，请在 Intune 管理中心检查此令牌。',
    },
    syncFailed: {
      cause: 'Intune 没有说明原因。常见情况是 Apple 有新条款需要 Apple 管理员接受，或 Apple、Intune 的服务出现故障。',
      next: '请再次同步。如果仍然失败，请到 Apple 商务或 Apple 校园教务管理查看是否有新条款。',
    },
    expiresSoon: { cause: '', next: `请在到期前续订，否则许可证分配和应用更新会停止。${renewAdvice}` },
  },
};

const ago = (ms: number) => `${roughly(ms, 'zh-CN')}前`;

export const list: Texts['list'] = {
  heading: {
    all: (total) => `${number(total)} 个 VPP 令牌，问题严重的在前`,
    expiring: (count, total) => `${number(total)} 个令牌中有 ${number(count)} 个在 30 天内到期或已过期`,
    failed: (count, total) => `${number(total)} 个令牌中有 ${number(count)} 个同步失败或状态异常`,
    stale: (count, total) => `${number(total)} 个令牌中有 ${number(count)} 个超过 36 小时未同步`,
  },
  count: {
    expired: (count) => `${number(count)} 个已过期`,
    invalid: (count) => `${number(count)} 个无效`,
    assignedToExternalMDM: (count) => `${number(count)} 个已被其他 MDM 使用`,
    duplicateLocationId: (count) => `${number(count)} 个位置重复`,
    otherState: (count) => `${number(count)} 个状态未知`,
    syncFailed: (count) => `${number(count)} 个同步失败`,
    expiring: (count) => `${number(count)} 个即将到期`,
    stale: (count) => `${number(count)} 个久未同步`,
    fine: (count) => `${number(count)} 个正常`,
  },
  separator: '，',
  timeline: '未来 12 个月到期',
  later: '之后',
  monthOf: (month, count) => `${month}：${number(count)} 个`,
  sync: {
    completed: (agoMs) => `${ago(agoMs)}已同步`,
    failed: (agoMs) => (agoMs === undefined ? '上次同步失败' : `上次同步失败，${ago(agoMs)}`),
    running: '正在同步',
    stuck: (ms) => `已同步 ${roughly(ms, 'zh-CN')}，似乎卡住了`,
    never: '从未同步',
    other: (raw) => `上次同步：Intune 返回“${raw}”`,
  },
  filter: {
    all: (count) => `全部（${number(count)}）`,
    expiring: (count) => `即将到期（${number(count)}）`,
    failed: (count) => `失败（${number(count)}）`,
    stale: (count) => `久未同步（${number(count)}）`,
  },
  hint: '选择一项，可查看其状态和下一步。',
  unknownFilter: (asked) =>
    `无法按“${asked}”筛选。输入“列表”查看所有令牌，或输入“列表 即将到期”、“列表 失败”、“列表 久未同步”。`,
  noneMatch: {
    expiring: (total) => `您可以查看的 ${number(total)} 个令牌中，没有 30 天内到期或已过期的。`,
    failed: (total) => `您可以查看的 ${number(total)} 个令牌全部有效，上次同步也没有失败。`,
    stale: (total) => `您可以查看的 ${number(total)} 个令牌在最近 36 小时内都已同步。`,
  },
};

export const renew: Texts['renew'] = {
  heading: (name) => `续订 ${name}`,
  summary: (name) => `如何续订 ${name}`,
  site: {
    business: (address) => `Apple 商务（${address}）`,
    education: (address) => `Apple 校园教务管理（${address}）`,
    either: (business, school) => `Apple 商务（${business}）或 Apple 校园教务管理（${school}）`,
  },
  wholeAppleId: (name, appleId) =>
    `要续订 ${name}，请以 ${appleId} 登录 Apple。您提问的对话中其他人也能看到，因此那里只显示其中一部分。`,
  wholeSent: (person) => `完整地址已发送到 ${person} 与我的个人聊天中。`,
  askForWhole: (name) => `要看完整地址，请在与机器人的个人聊天中输入“续订 ${name}”。`,
  steps: {
    signIn: (site, appleId) => `以 ${appleId} 登录 ${site}。此令牌是用该帐户创建的，请勿使用其他帐户。`,
    signInMasked: (site, appleId, whole) => `用创建此令牌的帐户 ${appleId} 登录 ${site}，不要使用其他帐户。${whole}`,
    signInUnknown: (site) => `使用创建此令牌的帐户登录 ${site}。Intune 没有给出是哪个帐户。`,
    download: {
      business: (location) => `打开“设置”→“付款与账单”→“App 与图书”，找到 ${location} 并下载其令牌文件。`,
      education: (location) =>
        `打开“偏好设置”→“付款与账单”→“App 与图书”，在“内容令牌”下找到 ${location} 并下载其令牌文件。`,
      either: (location) =>
        `打开“设置”（Apple 商务）或“偏好设置”（Apple 校园教务管理）→“付款与账单”→“App 与图书”，找到 ${location} 并下载其令牌文件。`,
    },
    open: (name) => `在 Intune 管理中心打开“租户管理”→“连接器和令牌”→“Apple VPP 令牌”，然后选择 ${name}。`,
    upload: '在“基本信息”旁选择“编辑”，将文件上传到同一个令牌并保存。',
    verify: (name) => `回到这里点击“检查续订”，或输入“验证 ${name}”。新日期可能要几分钟后才会显示。`,
  },
  keep: '请在原有令牌上更新。请勿删除令牌，否则其应用和分配会一并丢失。',
  notStarted: {
    watched: '开始时请点击“我已开始”。我会记下当前的到期日期、Apple ID 和组织，并在 Intune 显示新日期后在这里通知您。',
    unwatched: '开始时请点击“我已开始”。我会记下当前的到期日期、Apple ID 和组织，供“检查续订”比较。',
  },
  startedBy: (person) => `${person} 已开始续订`,
  started: {
    watched: 'Intune 显示新日期后，我会在开始续订的地方通知开始续订的人。',
    unwatched: '点击“检查续订”可查看 Intune 是否已显示新日期。',
  },
  ended: {
    renewed: (name, date) => `✓ ${name} 已续订，新的到期日期为 ${date}。`,
    otherAccount: (name, date) =>
      `⚠\ufe0e ${name} 的到期日期已改为 ${date}，但令牌文件来自其他 Apple ID 或组织。输入“验证”和令牌名称可进行比较。`,
  },
  reminder: (name) => `提醒：续订 ${name}`,
  reminderNote: '您让我提醒您。状态是您提出时的状态，点击“检查续订”可重新读取。',
  reminderSet: (name) => `明天我会在您与我的个人聊天中提醒您续订 ${name}。`,
  reminderSetHere: (name) => `明天我会在这里提醒您续订 ${name}。`,
  reminderWhere: (toType) => `我还不能在个人聊天中给您发消息。请打开与我的聊天，并输入“续订提醒 ${toType}”。`,
  buttons: {
    start: '我已开始',
    check: '检查续订',
    remind: '明天提醒我',
    steps: '显示步骤',
    openBusiness: '打开 Apple 商务',
    openSchool: '打开 Apple 校园教务管理',
  },
  notice: {
    invalid: '请先确认第 1 步中的帐户仍可使用：使用已停用的帐户续订没有帮助。',
    assignedToExternalMDM: '仅续订无法解决：另一个设备管理服务已占用此位置。请先在那里移除此令牌。',
    duplicateLocationId: '续订无法解决：Intune 中另有一个令牌对应同一个位置。请移除重复的令牌。',
  },
  open: '在 Intune 管理中心中打开',
};

export const verify: Texts['verify'] = {
  actionTitle: '验证',
  headline: {
    done: '已续订，一切正常',
    notYet: 'Intune 显示尚未续订',
    otherAccount: '令牌文件来自其他帐户',
    noRenewal: '没有正在进行的续订',
    notWorking: '已续订，但尚未恢复正常',
  },
  label: { organization: '组织' },
  expiry: {
    moved: '已改为更晚的日期',
    ahead: '没有可比较的旧日期，但剩余时间与刚续订时相当',
    notMoved: '没有变化',
    earlier: '改为了更早的日期',
    near: '对刚续订的令牌来说太早：有效期应为一年',
    past: '已过期',
    unknown: 'Intune 没有给出日期',
  },
  nothingBefore: '没有可比较的记录',
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
    otherAppleId: (appleId) => `请以之前的帐户 ${appleId} 下载令牌文件，并上传到同一个令牌。请勿删除令牌。`,
    otherAppleIdMasked: (appleId, whole) =>
      `请以之前的帐户 ${appleId} 下载令牌文件，并上传到同一个令牌。请勿删除令牌。${whole}`,
    askForWhole: (name) => `要看完整地址，请在与机器人的个人聊天中输入“验证 ${name}”。`,
    otherOrganization: (organization) =>
      `请下载之前的组织 ${organization} 的令牌文件，并上传到同一个令牌。请勿删除令牌。`,
    tryAgain: (name) =>
      `Intune 显示的日期可能会滞后。请几分钟后再次输入“验证 ${name}”；如果仍没有变化，请将文件重新上传到同一个令牌。`,
    maybeBefore: (count, name) =>
      `剩余 ${days(count)}，可能在您开始之前就已续订；如果是这样，就已完成。否则请几分钟后再次输入“验证 ${name}”，因为日期可能会滞后。`,
    sync: (name) => `请输入“同步 ${name}”，结束后再输入“验证 ${name}”。`,
    noRenewal: (name) => `要续订，请输入“续订 ${name}”。`,
    notNeeded: (count) => `无需操作。有效期还有 ${days(count)}。`,
    waitForSync: (name) => `请等待同步结束，然后再次输入“验证 ${name}”。`,
  },
};

export const history: Texts['history'] = {
  heading: '操作历史',
  lastResults: (count) => `最近 ${number(count)} 次结果`,
  results: {
    good: (count) => `${number(count)} 次完成`,
    attention: (count) => `${number(count)} 次失败或被拒绝`,
    warning: (count) => `${number(count)} 次不确定`,
    busy: (count) => `${number(count)} 次进行中`,
    plain: (count) => `${number(count)} 次未同步`,
  },
  outcome: {
    completed: (ms) => (ms === undefined ? '已完成' : `已完成，用时 ${duration(ms)}`),
    failed: (ms) => (ms === undefined ? '失败' : `${duration(ms)}后失败`),
    stuck: (ms) => (ms === undefined ? '似乎卡住了' : `似乎卡住了：${duration(ms)}后仍在进行`),
    noResult: (ms) => (ms === undefined ? '没有结果' : `${duration(ms)}内没有结果`),
    deleted: '令牌在此期间被删除',
    notStarted: '未启动',
    lost: '无法看到它的结果',
    refused: '被 Intune 拒绝，没有发起同步',
  },
  running: (ms) => `已进行 ${duration(ms)}`,
  batch: (count, completed, runningCount, otherCount) => {
    const parts = [
      `${number(completed)} 个完成`,
      ...(otherCount > 0 ? [`${number(otherCount)} 个未完成`] : []),
      ...(runningCount > 0 ? [`${number(runningCount)} 个进行中`] : []),
    ];
    return `同步 ${number(count)} 个令牌：${parts.join('，')}`;
  },
  nothing: {
    coolingDown: '未发起：刚刚同步过',
    hopeless: '未发起：令牌的状态不允许',
    refused: '被拒绝，没有发起任何操作',
    notAudited: '被拒绝：无法记录',
    signInAsked: '已要求先登录',
    notYours: '被拒绝：按钮属于他人',
    expired: '被拒绝：按钮已过期',
    used: '被拒绝：按钮已使用过',
    unknown: '被拒绝：无法识别的按钮',
    otherConversation: '被拒绝：按钮属于另一个会话',
    notManual: '被拒绝：没有人点击按钮',
    cancelled: '已取消',
  },
  done: {
    renewStart: '已开始续订',
    alertsOn: '已开启提醒',
    alertsOff: '已关闭提醒',
    acknowledge: '已确认提醒',
    snooze: '已推迟提醒',
    undoAlert: '已撤销确认或推迟',
  },
  other: (raw) => `结果为“${raw}”`,
  joined: '加入了正在进行的同步',
  ofBatch: '一起启动的同步',
  openBatch: (said) => `查看每次同步：${said}`,
  none: '对于您能看到的令牌，还没有人让我同步过。',
  noneOf: (name) => `还没有人让我同步过 ${name}。`,
  scope: '这里列出所有向我提出的请求，包括被拒绝的，不包括 Intune 自动运行的同步。',
  summary: (count) => `操作历史：${number(count)} 条记录`,
  summaryOf: (name, count) => `${name}：共 ${number(count)} 条记录`,
};
