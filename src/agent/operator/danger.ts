import type { BrowserAction, ElementInfo } from "./browser";

/** Words on buttons and links that mean something is sent, bought, deleted or made public. */
const words: [string, RegExp][] = [
  [
    "buy",
    /\b(buy|purchase|order|checkout|check out|pay|payment|subscribe|donate|book now|reserve|bid)\b|购买|下单|付款|支付|订购|预订|捐款|结账/i,
  ],
  [
    "send",
    /\b(send|submit|reply|forward|invite|transfer|sign|apply|register|enrol+)\b|发送|提交|回复|转发|邀请|转账|签署|申请|注册/i,
  ],
  [
    "delete",
    /\b(delete|remove|erase|discard|cancel (my|the|your)?\s*\w*|unsubscribe|deactivate|close account|reset|revoke|drop)\b|删除|移除|清空|注销|取消订阅|停用|重置|撤销/i,
  ],
  [
    "post",
    /\b(post|publish|tweet|share|comment|upload|merge|deploy|release|vote|like|follow|accept|agree|confirm|approve|save|log ?out|sign ?out)\b|发布|发表|分享|评论|上传|部署|投票|接受|同意|确认|批准|保存|退出/i,
  ],
];

/**
 * Why an action cannot be taken back as far as can be told from the page: a form that is not a search, or a name that
 * means sending, buying, deleting or posting. Undefined for what only looks or moves.
 */
export function irreversible(action: BrowserAction, element: ElementInfo | undefined): string | undefined {
  if (action.kind === "dialog") return action.accept ? "It answers yes to a question of the page." : undefined;
  if (!element) return undefined;
  const sends = action.kind === "click" ? element.submits : action.kind === "type" && action.submit;
  const submits = sends ? element.form : undefined;
  if (submits && submits.method !== "get" && submits.method !== "dialog")
    return `It sends a form to ${submits.action}.`;
  if (action.kind !== "click" && !submits) return undefined;
  const acts =
    action.kind === "click" &&
    (element.tag !== "a" || element.href === undefined || /^(button|menuitem)$/.test(element.role));
  const name = submits ? `${element.name} ${submits.text}` : element.name;
  const found = words.find(([, pattern]) => pattern.test(name));
  if (found && (acts || submits || found[0] === "delete" || found[0] === "buy")) {
    return `By its name it may ${found[0]} something.`;
  }
  return undefined;
}
