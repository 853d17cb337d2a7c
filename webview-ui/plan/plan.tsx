import "../kit/panel.css";
import "./plan.css";
import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { PlanEdit, PlanNode, PlanView } from "../../src/contract/plan";
import type { PlanViewState } from "../../src/contract/planView";
import { asErrorData } from "../kit/host";
import { duration } from "../kit/format";
import { useEvent } from "../kit/hooks";
import { IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { Empty, Note } from "../kit/message";
import { quietly } from "../kit/quietly";
import { saveText } from "../kit/save";
import { Details } from "./details";
import { Diagram } from "./diagram";
import { planSvg, savePicture } from "./export";
import { host } from "./host";
import { layOut } from "./layout";
import { Menu, type Item } from "./menu";
import { Outline } from "./outline";
import { Reliability } from "./reliability";
import { phaseWords } from "./words";

/** The plan of a run as a tree: what was thought of, imagined, tried and done, and what a person wants of it. */
export function Plan(): VNode {
  const state = useEvent(host, "state");
  if (!state) return <div class="panel" aria-busy="true" />;
  return (
    <main class="panel planPanel">
      {state.plan ? (
        <Shown key={state.plan.run} state={state} plan={state.plan} />
      ) : (
        <Empty icon="type-hierarchy-sub" title={t("planNone")}>
          <p>{t("planNoneSays")}</p>
        </Empty>
      )}
    </main>
  );
}

function Shown({ state, plan }: { state: PlanViewState; plan: PlanView }): VNode {
  const laid = useMemo(() => layOut(plan.nodes), [plan.nodes]);
  const path = useMemo(() => new Set(plan.path), [plan.path]);
  const [selected, setSelected] = useState<string | null>(null);
  const [zoom, setZoom] = useState(1);
  const [asOutline, setAsOutline] = useState(false);
  const [menu, setMenu] = useState<{ id: string; x: number; y: number } | null>(null);
  const [said, setSaid] = useState("");
  useEffect(() => host.setState({ run: plan.run }), [plan.run]);
  const node = selected === null ? undefined : laid.placed.get(selected)?.node;

  const edit = (change: PlanEdit): void => {
    host.call("edit", { run: plan.run, edit: change }).then(
      ({ text }) => setSaid(text),
      (thrown: unknown) => setSaid(asErrorData(thrown).message),
    );
  };
  const items = (of: PlanNode): Item[] => itemsOf(of, state.live, edit, () => setSelected(of.id), plan.run);
  const open = menu && laid.placed.get(menu.id)?.node;
  const close = (): void => {
    setMenu(null);
    document.querySelector<HTMLElement>(".planFrame, .planOutline")?.focus();
  };
  const { spent, settings } = plan;
  return (
    <>
      <header class="panelHead">
        <h1>{t("planTitle")}</h1>
        <span class={`chip phase ${plan.phase}`}>{t(phaseWords[plan.phase])}</span>
        <span class="muted small">
          {t("planSpent", {
            nodes: spent.nodes,
            most: settings.limits.nodes,
            depth: spent.depth,
            tokens: spent.tokens,
            time: duration(spent.ms),
          })}
        </span>
        <span class="grow" />
        <IconButton icon="zoom-out" label={t("zoomOut")} disabled={zoom <= 0.4} onClick={() => setZoom(zoom / 1.25)} />
        <IconButton icon="zoom-in" label={t("zoomIn")} disabled={zoom >= 2} onClick={() => setZoom(zoom * 1.25)} />
        <IconButton
          icon="list-tree"
          label={t("planOutline")}
          pressed={asOutline}
          onClick={() => setAsOutline(!asOutline)}
        />
        <IconButton
          icon="file-media"
          label={t("planSavePng")}
          onClick={() => quietly(host, savePicture(host, laid, path, plan.goal))}
        />
        <IconButton
          icon="file-code"
          label={t("planSaveSvg")}
          onClick={() => quietly(host, saveText(host, "plan.svg", planSvg(laid, path, plan.goal)))}
        />
        <IconButton
          icon="json"
          label={t("planSaveJson")}
          onClick={() => quietly(host, saveText(host, "plan.json", `${JSON.stringify(plan, null, 2)}\n`))}
        />
      </header>
      <p class="planGoalText">{plan.goal}</p>
      {plan.notes.slice(-2).map((note) => (
        <Note key={note}>{note}</Note>
      ))}
      <div class="planBody">
        {asOutline ? (
          <Outline
            laid={laid}
            path={path}
            selected={selected}
            onSelect={setSelected}
            onMenu={(id, x, y) => setMenu({ id, x, y })}
          />
        ) : (
          <Diagram
            laid={laid}
            path={path}
            selected={selected}
            zoom={zoom}
            onSelect={setSelected}
            onMenu={(id, x, y) => setMenu({ id, x, y })}
          />
        )}
        <aside class="planSide" aria-label={t("planDetails")}>
          {node ? (
            <Details key={node.id} plan={plan} node={node} live={state.live} items={items(node)} edit={edit} />
          ) : (
            <p class="muted small">{t("planHint")}</p>
          )}
          {state.calibration && <Reliability calibration={state.calibration} />}
          <Legend />
        </aside>
      </div>
      <div class="hidden" role="status">
        {said}
      </div>
      {said && <p class="small muted">{said}</p>}
      {menu && open && <Menu x={menu.x} y={menu.y} items={items(open)} onClose={close} />}
    </>
  );
}

function Legend(): VNode {
  return (
    <div class="planLegend small muted">
      <span class="swatch real" /> {t("planReal")}
      <span class="swatch imagined" /> {t("planImagined")}
      <span class="swatch tried" /> {t("planTried")}
      <span class="swatch taken" /> {t("planTaken")}
    </div>
  );
}

function itemsOf(
  { id, status, pinned, step, reality }: PlanNode,
  live: boolean,
  edit: (edit: PlanEdit) => void,
  explain: () => void,
  run: string,
): Item[] {
  const trace: Item = {
    label: t("planOpenTrace"),
    run: () => quietly(host, host.call("openTrace", { run, step: step ?? null })),
  };
  const ahead = live && reality !== "root" && ["open", "pruned", "forbidden"].includes(status);
  if (!ahead) return [{ label: t("planExplain"), run: explain }, trace];
  const given = status === "forbidden" || status === "pruned";
  return [
    { label: t("planTry"), run: () => edit({ kind: "try", node: id }) },
    given
      ? { label: t("planAllow"), run: () => edit({ kind: "allow", node: id }) }
      : { label: t("planForbid"), run: () => edit({ kind: "forbid", node: id }) },
    { label: t(pinned ? "planUnpin" : "planPin"), run: () => edit({ kind: "pin", node: id, on: !pinned }) },
    { label: t("planUp"), run: () => edit({ kind: "move", node: id, by: -1 }) },
    { label: t("planDown"), run: () => edit({ kind: "move", node: id, by: 1 }) },
    { label: t("planEarlier"), run: () => edit({ kind: "swap", node: id, with: "before" }) },
    { label: t("planLater"), run: () => edit({ kind: "swap", node: id, with: "after" }) },
    { label: t("planExplain"), run: explain },
    trace,
  ];
}
