/** How the panel looks; colours and controls are those of the card. */

import { BADGE_STYLE } from "../artifacts/style.ts";
import { STYLE } from "../style.ts";

export const PANEL_STYLE = `${STYLE}
:host { height: 100%; }
.panel-of-runs { box-sizing: border-box; display: flex; flex-direction: column; height: 100%; min-height: 0; position: relative;
  background: var(--jp-layout-color1, var(--ground)); --ground: var(--jp-layout-color1, #fff); container-type: inline-size; overflow: hidden; }
.panel-of-runs.dark { --ground: var(--jp-layout-color1, #15181b); }
.panel-of-runs *, .panel-of-runs *::before { box-sizing: border-box; }
.panel-of-runs [hidden] { display: none; }
.panel-of-runs > header { padding: 8px 12px 4px; flex-wrap: nowrap; min-height: 36px; }
.sides { display: flex; gap: 12px; align-self: stretch; }
.sides .side { border: 0; border-bottom: 2px solid transparent; border-radius: 0; background: none; height: auto; padding: 0; font-size: 13px; color: var(--quiet); }
.sides .side[aria-selected="true"] { color: var(--text); font-weight: 600; border-bottom-color: var(--accent); }
.sides .side:hover { background: none; color: var(--text); }
.running { color: var(--quiet); font-size: 12.5px; white-space: nowrap; }
.running b { color: var(--text); }
header .buttons { margin-left: auto; }
.stores { padding: 0 12px 6px; } .stores select { width: 100%; }
.filtering { padding: 0 12px 6px; }
.filter { width: 100%; height: 24px; font: 11.5px var(--jp-code-font-family, Menlo, Consolas, monospace); }
.filter[aria-invalid="true"] { border-color: var(--bad); }
.filter::-webkit-calendar-picker-indicator { display: none !important; }
.problem:not(:empty) { padding: 6px 0 0; font-size: 12px; display: flex; flex-wrap: wrap; gap: 2px 12px; white-space: pre-wrap; overflow-wrap: anywhere; }
.problem:not(.quiet) { color: var(--bad); }
.problem code { flex: 0 1 auto; max-height: 62px; overflow: auto; font: 11.5px var(--jp-code-font-family, Menlo, Consolas, monospace); color: var(--text); }
.problem mark { background: none; color: var(--bad); border-bottom: 2px solid var(--bad); font-weight: 600; }
.list { flex: 1; min-height: 0; overflow: auto; overscroll-behavior: contain; outline: none; position: relative; contain: strict; }
.list:focus-visible:not([aria-activedescendant]) { box-shadow: inset 0 0 0 2px var(--accent); }
.runs { position: relative; }
:is(.run, .artifact) { position: absolute; top: 0; left: 0; right: 0; height: 44px; display: flex; align-items: center; gap: 8px; padding: 0 12px;
  cursor: pointer; contain: layout style; }
.run:hover, .run.active, .artifact:hover { background: var(--soft); }
.list:not(.choosing) :is(.run, .artifact).active { background: var(--select); }
.run.selected { background: var(--select); }
.list:focus-visible :is(.run, .artifact).active { box-shadow: inset 0 0 0 1.5px var(--accent); }
.pick { flex: none; width: 20px; height: 28px; margin-left: -4px; display: grid; place-items: center; }
.pick .sign { grid-area: 1 / 1; } .pick .box { grid-area: 1 / 1; visibility: hidden; }
.pick:hover .sign, .choosing .pick .sign { visibility: hidden; }
.pick:hover .box, .choosing .pick .box { visibility: visible; }
.choosing .pick { width: 38px; grid-template-columns: 18px 20px; }
.choosing .pick .sign { visibility: visible; grid-area: 1 / 2; }
.box { width: 13px; height: 13px; border: 1px solid var(--quiet); border-radius: 3px; background: var(--ground); position: relative; }
.run.selected .box { background: var(--accent); border-color: var(--accent); }
.run.selected .box::after { content: ""; position: absolute; left: 3.5px; top: 0.5px; width: 3px; height: 7px; border: solid var(--ground);
  border-width: 0 1.8px 1.8px 0; transform: rotate(40deg); }
.who { flex: 1; min-width: 0; display: flex; flex-direction: column; line-height: 17px; }
:is(.run, .artifact) .name, .when { display: block; max-width: none; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
.when { font-size: 11px; color: var(--quiet); line-height: 15px; }
.curve { flex: none; width: 56px; height: 20px; } .curve svg { display: block; }
.curve path { fill: none; stroke: var(--accent); stroke-width: 1.6; stroke-linejoin: round; }
.value { flex: none; min-width: 40px; text-align: right; }
.more { position: absolute; top: 0; right: 0; width: 14px; height: 44px; padding: 0; border: 0; border-radius: 0; background: none; color: var(--quiet); font-size: 16px; font-weight: 600; visibility: hidden; }
.run:hover .more { visibility: visible; } .more:hover { color: var(--text); }
.strip { position: absolute; top: 0; left: 0; right: 0; height: 44px; display: flex; align-items: center; gap: 6px; padding: 0 12px;
  background: var(--select); z-index: 2; }
.strip input { flex: 1; min-width: 0; width: 100%; } .tagging { flex: 1; display: flex; }
.question { flex: 1; min-width: 0; font-size: 12px; line-height: 15px; max-height: 30px; overflow: hidden; overflow-wrap: anywhere; }
.strip button { flex: none; }
.artifacts { flex: 1; min-height: 0; display: flex; flex-direction: column; }
.artifact { flex-direction: column; align-items: stretch; justify-content: center; gap: 0; line-height: 17px; }
.artifact .first { display: flex; align-items: center; gap: 8px; } .artifact .name { flex: 0 1 auto; min-width: 56px; }
.artifact .badges { display: flex; flex: none; gap: 4px; margin-left: auto; font-size: 11px; max-width: calc(100% - 66px); }
.artifact .when { line-height: 16px; }
.two { display: flex; gap: 6px; } .two .filter { flex: 1; min-width: 0; } .two select { flex: none; max-width: 40%; height: 24px; }
${BADGE_STYLE}
.artifact .badge { flex: 0 1 auto; min-width: 0; } .artifact .badge.production { flex-shrink: 0; }
.message { padding: 16px 12px; display: flex; flex-direction: column; align-items: flex-start; gap: 12px; overflow-wrap: anywhere; }
.blank { flex: 1; }
.chosen { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 6px; padding: 6px 12px; border-top: 1px solid var(--hair); font-size: 12px; }
.chosen .quiet { margin-right: auto; }
.told:not(:empty) { padding: 6px 12px; font-size: 12px; border-top: 1px solid var(--hair); color: var(--quiet); overflow-wrap: anywhere; }
.told.bad { color: var(--bad); } .told.lost { color: var(--warn); }
.panel-of-runs > footer { flex: none; flex-wrap: nowrap; justify-content: flex-start; gap: 4px; font-size: 11.5px; color: var(--quiet); }
footer .where { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } footer .size { white-space: nowrap; flex: none; }
.menu { position: absolute; right: 8px; z-index: 5; display: flex; flex-direction: column; min-width: 168px; padding: 4px 0;
  background: var(--ground); border: 1px solid var(--hair); border-radius: 6px; box-shadow: 0 4px 16px rgb(0 0 0 / 16%); }
.menu button { border: 0; border-radius: 0; display: flex; align-items: center; justify-content: space-between; gap: 16px; height: 26px; line-height: 26px; padding: 0 12px; background: none; }
.menu button:focus-visible { outline: none; background: var(--select); }
.menu kbd { font: 11px var(--jp-code-font-family, Menlo, Consolas, monospace); color: var(--quiet); }
@container (min-width: 480px) { .curve { margin-right: 12px; } }
@container (max-width: 290px) { .panel-of-runs > header { gap: 4px 6px; } header .buttons { gap: 4px; } header .buttons button { padding: 0 5px; } .run { gap: 6px; } .value { min-width: 34px; } .chosen { gap: 4px; } .chosen button { padding: 0 5px; }
  .artifact .first { gap: 4px; } .artifact .badges { gap: 3px; max-width: calc(100% - 58px); } .artifact .badge { padding: 0 4px; font-size: 10.5px; } .two select { max-width: 45%; padding: 0 2px; } .sides { gap: 8px; } }
`;
