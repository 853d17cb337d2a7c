/** What a model puts around its thoughts. */
export interface ThoughtMarks {
  open: string;
  close: string;
}

const known: readonly ThoughtMarks[] = [
  { open: "<think>", close: "</think>" },
  { open: "[THINK]", close: "[/THINK]" },
  { open: "<seed:think>", close: "</seed:think>" },
  { open: "<|channel|>analysis<|message|>", close: "<|end|><|start|>assistant<|channel|>final<|message|>" },
  { open: "<thinking>", close: "</thinking>" },
];

/** The marks a chat template knows, or undefined. gpt-oss' template names its channels apart, and is known by them. */
export function marksOf(template: string): ThoughtMarks | undefined {
  if (template.includes("<|channel|>analysis")) return known[3];
  return known.find(({ open, close }) => template.includes(open) || template.includes(close));
}
