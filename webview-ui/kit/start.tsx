import type { VNode } from "preact";
import { Component, render } from "preact";
import type { CommonViewMethods } from "../../src/contract/view";
import { asErrorData, getHost } from "./host";
import { ErrorBox } from "./message";
import { t } from "./l10n";

/** A fault of a view is shown where the view was, and written to the log: never a blank page. */
class Guard extends Component<{ children: VNode }, { fault: unknown }> {
  override state = { fault: undefined as unknown };
  override componentDidCatch(fault: unknown): void {
    this.setState({ fault });
    report(fault);
  }
  override render(): VNode {
    if (this.state.fault === undefined) return this.props.children;
    const { message } = asErrorData(this.state.fault);
    return (
      <div class="fault">
        <ErrorBox error={{ code: "internal", message: t("viewFault", { message }), remedy: t("viewFaultRemedy") }} />
      </div>
    );
  }
}

function report(fault: unknown): void {
  const { message } = asErrorData(fault);
  const host = getHost<CommonViewMethods, object>();
  host.call("log", { level: "error", message }).catch(() => console.error(fault));
}

/** Draws a view into the page and tells the host that it listens. */
export function start(view: VNode): void {
  window.addEventListener("error", (event) => report(event.error ?? event.message));
  window.addEventListener("unhandledrejection", (event) => report(event.reason));
  const root = document.getElementById("root") ?? document.body.appendChild(document.createElement("div"));
  root.id = "root";
  render(<Guard>{view}</Guard>, root);
  getHost().ready();
}
