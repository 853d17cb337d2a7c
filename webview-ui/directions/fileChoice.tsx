import type { VNode } from "preact";
import type { DirectionFile } from "../../src/contract/directionsView";
import { Dropdown } from "../kit/controls";
import { t } from "../kit/l10n";
import { Note } from "../kit/message";

/** Which direction, with what is doubtful about it. */
export function FileChoice(props: {
  files: readonly DirectionFile[];
  value: string;
  onChange: (file: string) => void;
}): VNode {
  const { files, value, onChange } = props;
  const found = files.find(({ file }) => file === value);
  return (
    <>
      <div class="row">
        <Dropdown
          label={t("direction")}
          value={value}
          choices={[
            { value: "", label: t("chooseSet") },
            ...files.map(({ file }) => ({ value: file, label: file.replace(/\.gguf$/i, "") })),
          ]}
          onChange={onChange}
        />
      </div>
      {found?.problem && <Note icon="error">{found.problem.message}</Note>}
      {found?.info?.warnings.map((each) => (
        <Note key={each} icon="warning">
          {each}
        </Note>
      ))}
    </>
  );
}
