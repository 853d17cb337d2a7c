import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { operatorKeys } from "../../src/contract/operator";
import { Button, TextField } from "../kit/controls";
import { t } from "../kit/l10n";
import { host } from "./host";

/** A person's keyboard for the page: text, and the keys by themselves. */
export function Hands({ act }: { act: (work: Promise<unknown>) => void }): VNode {
  const [text, setText] = useState("");
  const send = (): void => {
    if (text === "") return;
    act(host.call("typeText", { text }));
    setText("");
  };
  return (
    <div class="hands">
      <p class="muted small">{t("operatorHands")}</p>
      <div class="row">
        <TextField label={t("operatorType")} value={text} size={32} onInput={setText} onEnter={send} />
        <Button icon="keyboard" disabled={text === ""} onClick={send}>
          {t("operatorSend")}
        </Button>
      </div>
      <div class="row keys" role="group" aria-label={t("operatorKeys")}>
        {operatorKeys.map((key) => (
          <button key={key} type="button" class="keyButton mono" onClick={() => act(host.call("key", { key }))}>
            {key.replace("Arrow", "")}
          </button>
        ))}
      </div>
    </div>
  );
}
