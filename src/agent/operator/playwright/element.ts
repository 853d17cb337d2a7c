/** What of the browser's own types is read here; this room is compiled without them. */
interface El {
  tagName: string;
  type?: unknown;
  href?: unknown;
  isContentEditable?: boolean;
  value?: unknown;
  textContent: string | null;
  form?: El | null;
  labels?: ArrayLike<El> | null;
  ownerDocument: { location: { origin: string } };
  getAttribute(name: string): string | null;
  closest(selector: string): El | null;
  querySelectorAll(selector: string): ArrayLike<El>;
}

/** An element as the page has it, every text cut and none of it cleaned yet. */
export interface RawElement {
  tag: string;
  type: string;
  role: string;
  names: string[];
  href: string;
  editable: boolean;
  origin: string;
  /** A click on it sends its form. */
  submits: boolean;
  form: { method: string; action: string; texts: string[] } | null;
}

/**
 * Runs in the page: reads what an element is and which form it belongs to. It holds no function with a name, since the
 * bundler's mark for one is not known to the page.
 */
export function rawElement(node: unknown): RawElement {
  const element = node as El;
  const tag = element.tagName.toLowerCase();
  const type = `${element.type}`.slice(0, 40).toLowerCase();
  const button = element.closest("button, input[type=submit], input[type=image]");
  const submits = button !== null && !/^(button|reset)$/i.test(`${button.type}`) && Boolean(button.form);
  const form = (submits ? button.form : element.form) ?? null;
  const link = element.closest("a[href]");
  const ownValue = tag === "input" && /^(submit|button|reset)$/.test(type) ? `${element.value}` : null;
  return {
    tag,
    type,
    role: `${element.getAttribute("role") ?? ""}`.slice(0, 40),
    names: [
      element.getAttribute("aria-label"),
      ownValue,
      element.labels?.[0]?.textContent,
      element.textContent,
      element.getAttribute("title"),
      element.getAttribute("placeholder"),
    ].map((text) => `${text ?? ""}`.slice(0, 400)),
    href: link ? `${link.href}`.slice(0, 2_000) : "",
    editable:
      tag === "textarea" ||
      element.isContentEditable === true ||
      (tag === "input" && !/^(checkbox|radio|button|submit|reset|image|file|range|color)$/.test(type)),
    origin: element.ownerDocument.location.origin,
    submits,
    form: form
      ? {
          method:
            `${(submits ? button.getAttribute("formmethod") : null) ?? form.getAttribute("method") ?? "get"}`.slice(
              0,
              20,
            ),
          action: `${(submits ? button.getAttribute("formaction") : null) ?? form.getAttribute("action") ?? ""}`.slice(
            0,
            2_000,
          ),
          texts: Array.from(form.querySelectorAll("button, input[type=submit]"))
            .slice(0, 5)
            .map((each) => `${each.textContent || each.value}`.slice(0, 100)),
        }
      : null,
  };
}
