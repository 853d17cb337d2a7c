/** One step of a script: a tool, and the element it is done to as the snapshot names it. */
export interface Step {
  tool: string;
  /** A line of the snapshot that begins so, for its reference: `button "Send"`. */
  on?: string;
  args?: Record<string, string | number | boolean>;
}

export interface Task {
  id: string;
  html: string;
  /** Other pages of the site by path. */
  more?: Record<string, string>;
  steps: Step[];
  /** What is done where a surprise comes, before going on with the steps left. */
  onSurprise?: Step[];
  /** The page must raise a surprise. */
  surprises?: boolean;
}

/** Tells the bench's server that the task was done as asked. */
const done = `function done(ok){fetch("/done?ok="+(ok?1:0)+"&at="+encodeURIComponent(location.pathname))}`;
const page = (body: string, script = ""): string =>
  `<!doctype html><html lang="en"><head><title>Task</title><script>${done}</script></head><body>${body}<script>${script}</script></body></html>`;
const click = (on: string, more: Partial<Step> = {}): Step => ({ tool: "browser_click", on, ...more });
const type = (on: string, text: string, submit = false): Step => ({ tool: "browser_type", on, args: { text, submit } });
const dialog = (accept: boolean, text?: string): Step => ({
  tool: "browser_dialog",
  args: { accept, ...(text === undefined ? {} : { text }) },
});

/** Thirty small tasks in the manner of MiniWoB (Shi et al. 2017), each judged by its own page. */
export const tasks: Task[] = [
  {
    id: "click-button",
    html: page(`<button onclick="done(true)">Go</button><button onclick="done(false)">Stop</button>`),
    steps: [click(`button "Go"`)],
  },
  {
    id: "click-link",
    html: page(
      `<p>See <a href="#" onclick="done(true)">the second page</a> or <a href="#" onclick="done(false)">the first</a>.</p>`,
    ),
    steps: [click(`link "the second page"`)],
  },
  {
    id: "click-tab",
    html: page(
      `<div role="tablist"><button role="tab" onclick="show(0)">One</button><button role="tab" onclick="show(1)">Two</button></div><div id="p"></div>`,
      `function show(i){p.innerHTML=i?'<button onclick="done(true)">Inside two</button>':""}`,
    ),
    steps: [click(`tab "Two"`), click(`button "Inside two"`)],
  },
  {
    id: "enter-text",
    html: page(`<label>Name <input id="n"></label><button onclick="done(n.value==='Ada Lovelace')">OK</button>`),
    steps: [type(`textbox "Name"`, "Ada Lovelace"), click(`button "OK"`)],
  },
  {
    id: "enter-text-unicode",
    html: page(`<label>Place <input id="n"></label><button onclick="done(n.value==='Zürich 東京')">OK</button>`),
    steps: [type(`textbox "Place"`, "Zürich 東京"), click(`button "OK"`)],
  },
  {
    id: "enter-key",
    html: page(`<label>Find <input id="n" onkeydown="if(event.key==='Enter')done(n.value==='cat')"></label>`),
    steps: [type(`textbox "Find"`, "cat", true)],
  },
  {
    id: "two-fields",
    html: page(
      `<label>A <input id="a"></label><label>B <input id="b"></label><button onclick="done(a.value==='1'&&b.value==='2')">OK</button>`,
    ),
    steps: [type(`textbox "B"`, "2"), type(`textbox "A"`, "1"), click(`button "OK"`)],
  },
  {
    id: "text-area",
    html: page(
      `<label>Note <textarea id="n"></textarea></label><button onclick="done(n.value==='line one\\nline two')">OK</button>`,
    ),
    steps: [type(`textbox "Note"`, "line one\nline two"), click(`button "OK"`)],
  },
  {
    id: "number-field",
    html: page(`<label>Count <input id="n" type="number"></label><button onclick="done(n.value==='42')">OK</button>`),
    steps: [type(`spinbutton "Count"`, "42"), click(`button "OK"`)],
  },
  {
    id: "select",
    html: page(
      `<select aria-label="Colour" id="s"><option>red</option><option>green</option><option>blue</option></select><button onclick="done(s.value==='blue')">OK</button>`,
    ),
    steps: [{ tool: "browser_select", on: `combobox "Colour"`, args: { value: "blue" } }, click(`button "OK"`)],
  },
  {
    id: "checkboxes",
    html: page(
      `<label><input type="checkbox" id="a">Tea</label><label><input type="checkbox" id="b">Milk</label><label><input type="checkbox" id="c">Salt</label><button onclick="done(a.checked&&b.checked&&!c.checked)">OK</button>`,
    ),
    steps: [click(`checkbox "Tea"`), click(`checkbox "Milk"`), click(`button "OK"`)],
  },
  {
    id: "radio",
    html: page(
      `<label><input type="radio" name="r" id="a">Small</label><label><input type="radio" name="r" id="b">Large</label><button onclick="done(b.checked)">OK</button>`,
    ),
    steps: [click(`radio "Small"`), click(`radio "Large"`), click(`button "OK"`)],
  },
  {
    id: "get-form",
    html: page(`<form action="found"><label>Query <input name="q"></label><button>Search</button></form>`),
    more: { found: page("<h1>Found</h1>", "done(new URLSearchParams(location.search).get('q')==='owls')") },
    steps: [type(`textbox "Query"`, "owls"), click(`button "Search"`)],
  },
  {
    id: "post-form",
    html: page(`<form method="post" action="sent"><label>Mail <input name="m"></label><button>Send</button></form>`),
    more: { sent: page("<h1>Sent</h1>", "done(true)") },
    steps: [type(`textbox "Mail"`, "a@b.example"), click(`button "Send"`)],
  },
  {
    id: "login",
    html: page(
      `<form onsubmit="event.preventDefault();done(u.value==='ann'&&w.value==='s3cret')"><label>User <input id="u"></label><label>Password <input id="w" type="password"></label><button>Sign in</button></form>`,
    ),
    steps: [type(`textbox "User"`, "ann"), type(`textbox "Password"`, "s3cret"), click(`button "Sign in"`)],
  },
  {
    id: "scroll",
    html: page(
      `<div style="height:4000px">Top</div><div id="b"></div>`,
      `let once=0;addEventListener("scroll",()=>{if(scrollY>500&&!once++){b.innerHTML='<button onclick="done(true)">Below</button>'}})`,
    ),
    steps: [
      { tool: "browser_scroll", args: { direction: "down" } },
      { tool: "browser_scroll", args: { direction: "down" } },
      click(`button "Below"`),
    ],
  },
  {
    id: "back",
    html: page(
      `<a href="other">Other page</a><p id="p"></p>`,
      `if(sessionStorage.there){p.innerHTML='<button onclick="done(true)">Back again</button>'}`,
    ),
    more: { other: page("<h1>Other</h1>", "sessionStorage.there=1") },
    steps: [click(`link "Other page"`), { tool: "browser_back" }, click(`button "Back again"`)],
  },
  {
    id: "wait",
    html: page(
      `<p id="p">Working</p>`,
      `setTimeout(()=>{p.innerHTML='<button onclick="done(true)">Ready now</button>'},700)`,
    ),
    steps: [{ tool: "browser_wait", args: { text: "Ready now", seconds: 10 } }, click(`button "Ready now"`)],
  },
  {
    id: "three-pages",
    html: page(`<a href="a">First</a>`),
    more: { a: page(`<a href="b">Second</a>`), b: page(`<button onclick="done(true)">Third</button>`) },
    steps: [click(`link "First"`), click(`link "Second"`), click(`button "Third"`)],
  },
  {
    id: "menu",
    html: page(
      `<button aria-haspopup="menu" onclick="m.hidden=!m.hidden">File</button><div role="menu" id="m" hidden><button role="menuitem" onclick="done(false)">New</button><button role="menuitem" onclick="done(true)">Print</button></div>`,
    ),
    steps: [click(`button "File"`), click(`menuitem "Print"`)],
  },
  {
    id: "frame",
    html: page(`<iframe srcdoc="<button onclick='parent.done(true)'>Within</button>"></iframe>`),
    steps: [click(`button "Within"`)],
  },
  {
    id: "list-of-many",
    html: page(
      `<ul id="l"></ul>`,
      `l.innerHTML=Array.from({length:60},(_,i)=>'<li><button onclick="done('+(i===41)+')">Item '+i+'</button></li>').join("")`,
    ),
    steps: [click(`button "Item 41"`)],
  },
  {
    id: "same-names",
    html: page(
      `<section aria-label="A"><button onclick="done(false)">Pick me</button></section><section aria-label="B"><button aria-label="Pick B" onclick="done(true)">Pick me</button></section>`,
    ),
    steps: [click(`button "Pick B"`)],
  },
  {
    id: "counter",
    html: page(
      `<p id="p">0</p><button onclick="p.textContent=+p.textContent+1">Up</button><button onclick="done(p.textContent==='3')">OK</button>`,
    ),
    steps: [click(`button "Up"`), click(`button "Up"`), click(`button "Up"`), click(`button "OK"`)],
  },
  // The world is not as expected: a surprise, and a new plan.
  {
    id: "alert",
    html: page(`<button onclick="alert('Are you there?');done(true)">Go</button>`),
    steps: [click(`button "Go"`)],
    surprises: true,
    onSurprise: [],
  },
  {
    id: "confirm",
    html: page(`<button onclick="done(confirm('Delete everything?')===false)">Go</button>`),
    steps: [click(`button "Go"`)],
    surprises: true,
    onSurprise: [dialog(false)],
  },
  {
    id: "prompt",
    html: page(`<button onclick="done(prompt('Your word?')==='owl')">Go</button>`),
    steps: [click(`button "Go"`)],
    surprises: true,
    onSurprise: [dialog(true, "owl")],
  },
  {
    id: "pop-up",
    html: page(
      `<button onclick="open('ad','_blank','noopener');b.hidden=false">Go</button><button id="b" hidden onclick="done(true)">On we go</button>`,
    ),
    more: { ad: page("<h1>Win a prize</h1>") },
    steps: [click(`button "Go"`), click(`button "On we go"`)],
    surprises: true,
    onSurprise: [{ tool: "browser_tab", args: { number: 2, close: true } }],
  },
  {
    id: "drawn-dialog",
    html: page(
      `<button onclick="d.hidden=false">Go</button><div id="d" hidden role="dialog" aria-label="Subscribe to our letter" style="position:fixed;inset:0;background:#fff"><button onclick="d.remove();b.hidden=false">No thanks</button></div><button id="b" hidden onclick="done(true)">On we go</button>`,
    ),
    steps: [click(`button "Go"`), click(`button "On we go"`)],
    surprises: true,
    onSurprise: [click(`button "No thanks"`)],
  },
  {
    id: "leads-away",
    html: page(`<a href="http://elsewhere.example/">Go</a><button onclick="done(true)">Stay</button>`),
    steps: [click(`link "Go"`)],
    surprises: true,
    onSurprise: [click(`button "Stay"`)],
  },
];
