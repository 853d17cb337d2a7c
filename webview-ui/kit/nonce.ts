// The control set tries one style rule as it loads, in an element of its own; with the page's nonce the policy lets it.
// Imported before the controls.
const script = document.currentScript;
if (script instanceof HTMLScriptElement && script.nonce) {
  const meta = document.createElement("meta");
  meta.setAttribute("property", "csp-nonce");
  meta.content = script.nonce;
  document.head.append(meta);
}

export {};
