/** How the journal looks; all of it below one class, for it stands in the page itself. */

export const JOURNAL_STYLE = `
.own.journal { --ground: var(--jp-layout-color0, #fff); --text: var(--jp-content-font-color1, #1f2328); --quiet: #5f6872; --hair: #dfe3e8; --soft: #f5f7f9;
  --accent: #3858d8; box-sizing: border-box; display: flex; flex-direction: column; height: 100%; background: var(--ground); color: var(--text);
  font: 13px/1.5 var(--jp-ui-font-family, system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif); }
.own.journal.dark { --ground: var(--jp-layout-color0, #111); --text: #e3e6ea; --quiet: #8f99a3; --hair: #2b3036; --soft: #1b1f23; --accent: #88b2ff; }
.own.journal > header { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; padding: 8px 12px; border-bottom: 1px solid var(--hair); }
.own.journal > header h3 { margin: 0; font-size: 14px; font-weight: 600; overflow-wrap: anywhere; }
.own.journal .state { margin-left: auto; display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; }
.own.journal .quiet { color: var(--quiet); font-size: 12px; }
.own.journal :is(button, select) { font: inherit; font-size: 12px; color: inherit; background: var(--ground); border: 1px solid var(--hair); border-radius: 4px; height: 22px; padding: 0 8px; line-height: 20px; }
.own.journal button { cursor: pointer; } .own.journal button:hover:not(:disabled) { background: var(--soft); }
.own.journal :is(button, select, .scroll):focus-visible { outline: 2px solid var(--accent); outline-offset: -1px; }
.own.journal [hidden] { display: none; }
.own.journal .scroll { flex: 1; min-height: 0; overflow: auto; padding: 12px; }
.own.journal .entries, .own.journal .empty { max-width: 760px; margin: 0 auto; }
.own.journal .empty { color: var(--quiet); padding: 8px 12px; }
.own.journal .entry-of-run { position: relative; border-left: 2px solid var(--hair); padding: 0 12px; margin: 0 0 20px; }
.own.journal .entry-body { overflow-wrap: anywhere; padding-right: 56px; }
.own.journal .entry-of-run > button { position: absolute; top: 0; right: 0; }
.own.journal .entry-body :is(p, ul, ol, pre, blockquote) { margin: 0 0 8px; }
.own.journal .entry-body h4 { margin: 8px 0 4px; font-size: 13px; }
.own.journal .entry-body code { font: 12px var(--jp-code-font-family, Menlo, Consolas, monospace); }
.own.journal .entry-body pre { white-space: pre-wrap; background: var(--soft); padding: 8px; border-radius: 4px; }
.own.journal .entry-body a { color: var(--accent); }
.own.journal .scroll > button:not([hidden]) { display: block; margin: 0 auto 12px; }
`;
