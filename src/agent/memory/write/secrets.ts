const shapes: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b/, "a cloud key"],
  [/\b(ghp|gho|ghu|ghs|ghr|github_pat|glpat|npm|hf|sk|pk|rk|xox[abprs])[-_][A-Za-z0-9_-]{16,}/, "an access token"],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}/, "a web token"],
  [/\bAIza[0-9A-Za-z_-]{30,}/, "an API key"],
  [/[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/@]+@/i, "an address with a password"],
  [
    /\b(pass(word|wd|phrase|code)?|pwd|secret|api[-_ ]?key|access[-_ ]?key|auth[-_ ]?token|token|pin|cvv)\b( (is|was|for \S+ is))?\s*[:=]?\s*["'`]?(?=\S*[\d!@#$%^&*_-])\S{4,}/i,
    "a password",
  ],
  [/(密码|口令|密钥|令牌)(是|为|：|:|=)\s*\S{4,}/, "a password"],
  [/\b(?:\d[ -]?){13,19}\b/, "a card number"],
];

/** What a text gives away, or undefined. Better one memory too few than a key in a file. */
export function secretIn(text: string): string | undefined {
  for (const [shape, what] of shapes) {
    const found = shape.exec(text);
    if (!found) continue;
    if (what !== "a card number" || luhn(found[0])) return what;
  }
  // A long word that looks drawn by lot.
  return text.split(/[\s"'`,;()<>=]+/).some((word) => word.length >= 24 && word.length <= 200 && random(word))
    ? "something like a key"
    : undefined;
}

function random(word: string): boolean {
  if (/[/\\.]|:\/\//.test(word) || !/^[A-Za-z0-9+_=-]+$/.test(word)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(word)).length;
  if (kinds < 2 || !/\d/.test(word) || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(word)) return false;
  const counts = new Map<string, number>();
  for (const char of word) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / word.length) * Math.log2(count / word.length);
  return bits > 3.5;
}

function luhn(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  let sum = 0;
  [...digits].reverse().forEach((char, i) => {
    const digit = Number(char) * (i % 2 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  });
  return digits.length >= 13 && sum % 10 === 0;
}
