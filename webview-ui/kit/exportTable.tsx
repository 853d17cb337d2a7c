import type { VNode } from "preact";
import type { CommonViewMethods } from "../../src/contract/view";
import type { Host } from "./host";
import { Dropdown } from "./controls";
import { t } from "./l10n";
import { quietly } from "./quietly";
import { saveTable, type Table, type TableFormat } from "./table";

/** Lets a person take a result along: CSV, Parquet or JSON. The table is made when it is asked for. */
export function ExportTable(props: { host: Host<CommonViewMethods, object>; name: string; table: () => Table }): VNode {
  const { host, name, table } = props;
  return (
    <Dropdown<"none" | TableFormat>
      label={t("export")}
      showLabel={false}
      value="none"
      choices={[
        { value: "none", label: t("export") },
        { value: "csv", label: "CSV" },
        { value: "parquet", label: "Parquet" },
        { value: "json", label: "JSON" },
      ]}
      onChange={(format) => {
        if (format !== "none") quietly(host, saveTable(host, name, format, table()));
      }}
    />
  );
}
