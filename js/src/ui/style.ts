/** How a card looks; the page's own colours first, ours where it has none. */

export const STYLE = `
:host { display: block; }
:is(.card, .own) {
  --ground: var(--jp-layout-color0, #fff); --text: var(--jp-content-font-color1, #1f2328);
  --quiet: #5f6872; --hair: #dfe3e8; --soft: #f5f7f9; --accent: #3858d8; --select: #eef2fe;
  --good: #2c7a4b; --bad: #b42318; --warn: #8a5a00; --crashed: #6b4c9a;
  color: var(--text);
  font: 13px/1.45 var(--jp-ui-font-family, system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif);
  font-variant-numeric: tabular-nums;
}
.card {
  box-sizing: border-box; max-width: var(--card-width, 728px); margin: 4px 0; background: var(--ground);
  border: var(--card-edge, 1px solid var(--hair)); border-radius: 6px; overflow: hidden; container-type: inline-size;
}
:is(.card, .own).dark {
  --ground: var(--jp-layout-color0, #111); --text: #e3e6ea; --quiet: #8f99a3; --hair: #2b3036; --soft: #1b1f23;
  --accent: #88b2ff; --select: #1b2540; --good: #56c48a; --bad: #ff7b72; --warn: #e3b04b; --crashed: #b79cf0;
}
.card *, .card *::before { box-sizing: border-box; }
.quiet { color: var(--quiet); }
b { font-weight: 600; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; padding: 8px 12px; min-height: 40px; }
header h3 { margin: 0; font-size: 14px; font-weight: 600; max-width: 22em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
header code { font: 11px var(--jp-code-font-family, Menlo, Consolas, monospace); color: var(--quiet); }
.sign { width: 14px; text-align: center; color: var(--quiet); }
[data-status="running"] .sign { color: var(--accent); }
[data-status="finished"] .sign { color: var(--good); }
[data-status="failed"] .sign { color: var(--bad); }
[data-status="interrupted"] .sign { color: var(--warn); }
[data-status="crashed"] .sign { color: var(--crashed); }
@media (prefers-reduced-motion: no-preference) {
  [data-status="running"]:not(.silent) .sign { animation: breathe 2s ease-in-out infinite; }
  @keyframes breathe { 50% { opacity: 0.35; } }
}
.tags { display: flex; gap: 4px; overflow: hidden; }
.tag { border: 1px solid var(--hair); border-radius: 9px; padding: 0 7px; font-size: 11px; line-height: 17px;
  color: var(--quiet); max-width: 110px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.state { margin-left: auto; display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; }
.progress { display: flex; flex-wrap: wrap; gap: 0 12px; white-space: nowrap; color: var(--quiet); font-size: 12.5px; }
.progress b { color: var(--text); }
.gone { color: var(--warn); }
.buttons { display: flex; gap: 6px; }
button, select, input {
  font: inherit; font-size: 12px; color: inherit; background: var(--ground); border: 1px solid var(--hair);
  border-radius: 4px; height: 22px; padding: 0 8px; line-height: 20px;
}
button { cursor: pointer; }
button:hover:not(:disabled) { background: var(--soft); }
button:disabled { opacity: 0.4; cursor: default; }
:is(button, select, input, .plot):focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
button.link { border: 0; background: none; height: auto; padding: 0; line-height: inherit; font-size: inherit; color: var(--text); text-decoration: underline;
  text-decoration-color: var(--quiet); text-underline-offset: 2px; text-align: left; overflow-wrap: anywhere; }
button.link:hover:not(:disabled) { background: none; color: var(--accent); text-decoration-color: currentColor; }
.bar { height: 1px; background: var(--hair); position: relative; }
.bar::before { content: ""; position: absolute; left: 0; top: -1px; height: 2px; width: var(--share, 0); background: var(--accent); }
.silent .bar::before { background: var(--quiet); }
.ask:not(:empty) { display: flex; gap: 6px; padding: 8px 12px 0; }
.ask input { flex: 1; min-width: 0; }
.said:not(:empty) { padding: 6px 12px 0; color: var(--quiet); font-size: 12px; }
.note:not(:empty) { padding: 6px 12px 0; color: var(--quiet); white-space: pre-line; overflow-wrap: anywhere;
  max-height: 60px; overflow-y: auto; }
.controls { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; padding: 8px 12px 0; font-size: 11.5px; min-height: 30px; }
.controls select { border-color: transparent; color: var(--text); padding: 0 2px; height: 20px; font-size: 11.5px; }
.controls select:hover { border-color: var(--hair); }
.grid { display: grid; grid-template-columns: 1fr 1fr; gap: 12px 24px; padding: 8px 12px 4px; min-height: 60px; }
.grid.single { grid-template-columns: 1fr; }
@container (max-width: 560px) { .grid { grid-template-columns: 1fr; } .state { margin-left: 0; } }
.grid p { margin: 8px 0; grid-column: 1 / -1; }
.panel { min-width: 0; }
.panel-head { display: flex; align-items: baseline; gap: 8px; justify-content: space-between; min-height: 19px; }
.panel h4 { margin: 0; font-size: 12.5px; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.figures { display: flex; flex: none; max-width: 75%; gap: 6px; font-size: 11.5px; white-space: nowrap; overflow: hidden; }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 14em; display: inline-block; vertical-align: bottom; }
.legend { display: flex; flex-wrap: wrap; gap: 0 8px; }
.entry { border: 0; background: none; padding: 0 2px; height: 20px; display: inline-flex; gap: 5px; align-items: center; font-size: 11.5px; color: var(--quiet); }
.entry b { color: var(--text); }
.entry.off { opacity: 0.45; text-decoration: line-through; }
.swatch { display: inline-block; width: 14px; height: 0; border-top: 2px solid currentColor; vertical-align: middle; }
.swatch.dashed { border-top-style: dashed; }
.plot { position: relative; touch-action: pan-y; cursor: crosshair; border-radius: 2px; overflow: hidden; }
.canvas canvas { display: block; }
.hair, .band, .tip { position: absolute; pointer-events: none; display: none; }
.hair { top: 0; height: 132px; width: 1px; background: var(--quiet); opacity: 0.6; }
.band { top: 0; height: 132px; background: var(--accent, #3858d8); opacity: 0.15; }
.own-chart :is(.band, .hair) { height: 100%; }
.tip { top: 4px; z-index: 2; background: var(--ground); border: 1px solid var(--hair); border-radius: 4px; padding: 3px 7px; font-size: 11.5px; white-space: nowrap; }
.tip div { display: flex; gap: 5px; align-items: center; }
.tip b { margin-left: auto; padding-left: 8px; }
.caption { font-size: 11px; color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.more:not(:empty) { padding: 0 12px 6px; }
.media:not(:empty) { display: flex; flex-wrap: wrap; gap: 12px; padding: 4px 12px 10px; }
.media figure { margin: 0; max-width: 200px; }
.media img { max-width: 200px; max-height: 140px; display: block; border-radius: 3px; }
.media .pixels { image-rendering: pixelated; }
.since { flex-basis: 100%; overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
.since:empty { display: none; }
footer[hidden] { display: none; }
footer { display: flex; flex-wrap: wrap; gap: 2px 16px; justify-content: space-between; padding: 6px 12px; border-top: 1px solid var(--hair); font-size: 12px; }
.system { display: flex; flex-wrap: wrap; gap: 2px 16px; color: var(--quiet); }
.meter b { color: var(--text); }
.warnings { display: flex; flex-wrap: wrap; gap: 2px 12px; color: var(--warn); min-width: 0; }
.warning { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 100%; }
.own-chart { display: inline-block; position: relative; outline-offset: 2px; cursor: crosshair; }
.own-chart:focus-visible { outline: 2px solid #3858d8; }
.broken { padding: 8px 12px; color: var(--bad); border: 1px solid var(--hair); border-radius: 6px; font-size: 12px; }
`;
