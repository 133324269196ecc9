/** How the table looks; colours and controls are those of the card. */

import { STYLE } from "../style.ts";

export const TABLE_STYLE = `${STYLE}
.card.table { max-width: min(1600px, var(--columns, 1600px)); position: relative; }
.scroller[hidden] { display: none; }
.card.table header { min-height: 40px; }
.card.table header h3 { flex: none; }
.filter { flex: 1 1 120px; min-width: 120px; max-width: 420px; margin-left: auto;
  font: 11.5px var(--jp-code-font-family, Menlo, Consolas, monospace); }
.filter[aria-invalid="true"] { border-color: var(--bad); }
.buttons { flex-wrap: wrap; align-items: center; }
.buttons select { max-width: 112px; }
.problem:not(:empty) { padding: 0 12px 8px; font-size: 12px; display: flex; flex-wrap: wrap; gap: 4px 12px; white-space: pre-wrap; }
.problem:not(.quiet) { color: var(--bad); }
.problem code { font: 11.5px var(--jp-code-font-family, Menlo, Consolas, monospace); color: var(--text); }
.problem mark { background: none; color: var(--bad); border-bottom: 2px solid var(--bad); font-weight: 600; }
.scroller { position: relative; overflow: auto; overscroll-behavior: contain; border-top: 1px solid var(--hair); outline: none; contain: strict; }
.scroller:focus-visible { box-shadow: inset 0 0 0 2px var(--accent); }
.head { position: sticky; top: 0; z-index: 3; display: flex; height: 31px; background: var(--ground); border-bottom: 1px solid var(--hair); }
.rows { position: relative; }
.rows, .head { min-width: 100%; }
.row { position: absolute; top: 0; left: 0; display: flex; width: 100%; height: 31px; border-bottom: 1px solid var(--hair); background: var(--ground); contain: layout style; cursor: default; }
.row[hidden] { display: none; }
.row:hover { background: var(--soft); }
.row.selected { background: var(--select); }
.gap { flex: none; }
.cell { flex: none; padding: 0 10px; line-height: 30px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; background: inherit; }
.cell.right, .cell.duration { text-align: right; }
.cell.best { font-weight: 600; }
.cell.time { color: var(--quiet); }
.cell.shaded { background-image: linear-gradient(color-mix(in srgb, var(--accent) calc(3% + var(--weight, 0) * 19%), transparent) 0 0); }
.cell.curve { padding: 5px 10px 0; }
.cell.curve svg { display: block; }
.cell.curve path { fill: none; stroke: var(--accent); stroke-width: 1.6; stroke-linejoin: round; }
.cell.tags { display: flex; gap: 4px; align-items: center; }
.cell.tags input { width: 100%; }
.cell.run { display: flex; gap: 8px; align-items: center; }
.head .cell { display: flex; align-items: center; gap: 4px; color: var(--quiet); font-size: 12px; cursor: pointer; position: relative; background: var(--ground); user-select: none; }
.head .cell.right, .head .cell.duration { justify-content: flex-end; }
.head .cell.sorted { color: var(--text); font-weight: 600; }
.head .cell.run { padding-left: 56px; }
.head .title { overflow: hidden; text-overflow: ellipsis; }
.head .unit { font-size: 11px; }
.head .edge { position: absolute; right: 0; top: 6px; bottom: 6px; width: 6px; cursor: col-resize; border-right: 1px solid transparent; }
.head .cell:hover .edge { border-color: var(--hair); }
.active { box-shadow: inset 0 0 0 1.5px transparent; }
.scroller:focus-visible .active { box-shadow: inset 0 0 0 1.5px var(--accent); }
.box { flex: none; width: 13px; height: 13px; border: 1px solid var(--quiet); border-radius: 3px; }
.box.on { background: var(--accent); border-color: var(--accent); position: relative; }
.box.on::after { content: ""; position: absolute; left: 3.5px; top: 0.5px; width: 3px; height: 7px; border: solid var(--ground); border-width: 0 1.8px 1.8px 0; transform: rotate(40deg); }
.swatch-line { flex: none; width: 12px; height: 3px; border-radius: 2px; background: var(--hair); }
.run-name { overflow: hidden; text-overflow: ellipsis; }
.row .run-name { cursor: pointer; } .row .run-name:hover { text-decoration: underline; }
.cell.run code { flex: none; font: 11px var(--jp-code-font-family, Menlo, Consolas, monospace); color: var(--quiet); }
.sign { flex: none; }
.row.group { background: var(--soft); cursor: pointer; }
.group-cell { position: sticky; left: 0; display: flex; gap: 12px; align-items: center; padding: 0 12px; white-space: nowrap; }
.message { padding: 20px 12px; display: flex; gap: 12px; align-items: center; flex-wrap: wrap; border-top: 1px solid var(--hair); min-height: 64px; }
.message[hidden] { display: none; }
.pop { border-top: 1px solid var(--hair); padding: 8px 12px; background: var(--ground); }
.pop[hidden] { display: none; }
.line { display: flex; flex-wrap: wrap; gap: 6px 8px; align-items: center; }
.line input { flex: 1 1 140px; min-width: 0; max-width: 320px; }
.line .buttons { margin-left: auto; }
.list { max-height: 216px; overflow: auto; margin: 8px 0 4px; columns: 300px; column-gap: 24px; overscroll-behavior: contain; }
.entry-line { display: flex; gap: 8px; align-items: center; height: 24px; break-inside: avoid; }
.entry-line label { flex: 1; display: flex; gap: 6px; align-items: center; min-width: 0; }
.entry-line input { height: auto; flex: none; }
.entry-line .id { font: 11.5px var(--jp-code-font-family, Menlo, Consolas, monospace); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.entry-line .quiet { font-size: 11px; flex: none; }
.entry-line > button:first-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 75%; }
.pin { border-color: transparent; color: var(--quiet); }
.pin.on { color: var(--accent); }
.detail { border-top: 1px solid var(--hair); padding: 8px 12px 12px; }
.detail[hidden] { display: none; }
.detail code { font: 11px var(--jp-code-font-family, Menlo, Consolas, monospace); }
.detail p { margin: 4px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.detail .problem { padding: 0; }
.run-title, .why { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 100%; }
.detail .line { flex-wrap: nowrap; } .detail .line .run-title { flex: 0 1 auto; min-width: 3em; } .detail .line .why { flex: 0 1 auto; min-width: 0; } .detail .line .buttons { flex: none; flex-wrap: nowrap; }
.card-place { --card-edge: 0; --card-width: none; margin: 0 -12px; min-width: 0; }
.detail.drawn :is(.line > .sign, .run-title, .notes) { display: none; }
.detail .line code { flex: none; white-space: nowrap; }
.compare { min-width: 88px; }
.facts { display: grid; grid-template-columns: 1fr 1fr; gap: 12px 24px; max-height: 260px; overflow: auto; margin-top: 8px; }
@container (max-width: 420px) { .buttons select { max-width: 84px; } .cell.run code, .cell.run .swatch-line { display: none; } .cell.run { gap: 6px; padding: 0 6px; } .head .cell.run { padding-left: 46px; } }
@container (max-width: 560px) { .detail .line code { display: none; } .facts { grid-template-columns: 1fr; } .filter { max-width: none; flex-basis: 100%; order: 9; } header > .buttons { display: contents; } }
.facts h4 { margin: 0 0 4px; font-size: 12px; font-weight: 600; }
.facts > div { min-width: 0; }
.facts dl { display: grid; grid-template-columns: fit-content(60%) minmax(0, 1fr); gap: 2px 12px; margin: 0; font-size: 12px; }
.facts dt { color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.facts dd { margin: 0; overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.foot-words { color: var(--quiet); } .foot-words b { color: var(--text); }
.late { color: var(--warn); }
`;
