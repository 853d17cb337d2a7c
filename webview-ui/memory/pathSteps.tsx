import type { VNode } from "preact";
import { edgeWord } from "./edgeWord";
import type { Indexed } from "./graphData";
import { edgeBetween } from "./graphData";
import { NodeLink } from "./nodeLink";

/** A path in words: each node with what joins it to the next. */
export function PathSteps(props: { graph: Indexed; path: readonly number[]; onPick: (node: number) => void }): VNode {
  const { graph, path, onPick } = props;
  return (
    <ol class="plainList pathSteps">
      {path.map((node, i) => {
        const before = path[i - 1];
        const edge = before === undefined ? undefined : graph.edges[edgeBetween(graph, before, node)];
        return (
          <li key={node}>
            {edge && (
              <span class="muted small pathEdge">
                {edge.from === before ? "↓" : "↑"} {edgeWord(edge)}
              </span>
            )}
            <NodeLink node={graph.nodes[node]!} onClick={() => onPick(node)} />
          </li>
        );
      })}
    </ol>
  );
}
