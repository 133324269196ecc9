/** How the page of `runfolio ui` is laid out; its colours are those of the card. */

export const PAGE_STYLE = `
html, body { height: 100%; margin: 0; }
body { --ground: #fff; --text: #1f2328; --quiet: #5f6872; --hair: #dfe3e8; --soft: #f5f7f9; --accent: #3858d8;
  --jp-layout-color1: var(--side); --side: #fafbfc; color-scheme: light;
  display: grid; grid-template-columns: minmax(280px, 340px) minmax(0, 1fr); background: var(--ground); color: var(--text);
  font: 13px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
body[data-jp-theme-light="false"] { --ground: #111; --text: #e3e6ea; --quiet: #8f99a3; --hair: #2b3036; --soft: #1b1f23; --accent: #88b2ff;
  --side: #15181b; color-scheme: dark; }
body > aside { border-right: 1px solid var(--hair); min-height: 0; height: 100vh; overflow: hidden; }
body > main { display: flex; flex-direction: column; min-width: 0; height: 100vh; }
.bar-of-tabs { display: flex; align-items: center; gap: 8px; min-height: 36px; padding: 0 12px 0 0; border-bottom: 1px solid var(--hair); background: var(--side); }
.bar-of-tabs > label { margin-left: auto; flex: none; color: var(--quiet); font-size: 12px; padding-left: 8px; }
.heads { display: flex; min-width: 0; overflow-x: auto; scrollbar-width: none; align-self: stretch; }
.head-of-tab { display: flex; flex: none; align-items: center; border-right: 1px solid var(--hair); border-bottom: 2px solid transparent; max-width: 220px; }
.head-of-tab.front { background: var(--ground); border-bottom-color: var(--accent); }
body button, body select { font: inherit; font-size: 12px; color: inherit; background: none; border: 1px solid var(--hair); border-radius: 4px; height: 22px; padding: 0 8px; line-height: 20px; cursor: pointer; }
body select { background: var(--ground); }
.head-of-tab button { border: 0; height: 100%; border-radius: 0; }
.name-of-tab { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; padding: 0 4px 0 12px; }
.close { padding: 0 8px; color: var(--quiet); } .close:hover { color: var(--text); }
:is(button, select):focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.back { display: none; margin-left: 8px; flex: none; }
.places { flex: 1; min-height: 0; position: relative; }
.place { position: absolute; inset: 0; overflow: auto; } .place[hidden], .nothing[hidden] { display: none; }
.nothing { color: var(--quiet); padding: 32px; }
@media (max-width: 760px) {
  body { grid-template-columns: minmax(0, 1fr); }
  body > main { display: none; }
  body.with-tab > aside { display: none; } body.with-tab > main { display: flex; }
  .back { display: block; }
}
`;
