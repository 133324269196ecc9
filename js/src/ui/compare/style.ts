/** How a comparison looks; colours and controls are those of the card. */

import { STYLE } from "../style.ts";

export const COMPARE_STYLE = `${STYLE}
.card.compare { max-width: 1600px; position: relative; overflow: clip; }
.compare header { min-height: 36px; gap: 10px; }
.compare header .n { color: var(--quiet); } .compare header .n b { color: var(--text); }
.query { font: 11.5px var(--jp-code-font-family, Menlo, Consolas, monospace); min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.compare .controls select { max-width: 180px; }
.compare .controls { padding-top: 4px; gap: 6px 14px; }
.mode { display: inline-flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; }
.segments { display: inline-flex; }
.segments button { border-radius: 0; height: 22px; color: var(--quiet); }
.segments button + button { border-left: 0; }
.segments button:first-child { border-radius: 4px 0 0 4px; }
.segments button:last-child { border-radius: 0 4px 4px 0; }
.segments button[aria-pressed="true"] { background: var(--select); color: var(--text); }
.legend-room { padding: 8px 12px 0; }
.compare-legend { gap: 2px 10px; align-items: center; }
.legend-run { display: inline-flex; align-items: center; gap: 4px; min-width: 0; max-width: 100%; font-size: 11.5px; border-radius: 4px; }
.legend-run .entry { color: var(--text); min-width: 0; }
.legend-run .name { max-width: min(16em, 60cqw); }
.legend-run.on { background: var(--select); }
.legend-run.off .entry { opacity: 0.45; text-decoration: line-through; }
.legend-run.faint { opacity: 0.4; }
.legend-run.pinned .name { font-weight: 600; }
.legend-run .pin { border: 0; background: none; padding: 0 2px; height: 20px; font-size: 10px; color: var(--quiet); opacity: 0; }
.legend-run:hover .pin, .legend-run .pin:focus-visible, .legend-run .pin.on { opacity: 1; }
.legend-run .pin.on { color: var(--accent); }
.grey-more { font-size: 11.5px; }
.compare .grid { padding: 8px 12px 4px; }
.compare .plot { cursor: crosshair; overflow: visible; }
.compare .plot.points { cursor: default; }
.compare canvas { display: block; }
.reading { font-size: 11px; margin-left: auto; }
.above { position: absolute; left: 0; top: 0; pointer-events: none; }
.compare :is(.hair, .band) { top: 6px; height: 150px; }
.compare .tip { z-index: 5; max-width: 300px; }
.compare .tip code { font: 11px var(--jp-code-font-family, Menlo, Consolas, monospace); color: var(--quiet); }
.chosen { display: inline-flex; gap: 10px; align-items: center; height: 24px; white-space: nowrap; min-width: 0; overflow: hidden; font-size: 12px; margin-left: auto; }
.chosen:not(:empty) { padding: 0 8px; background: var(--select); border-radius: 4px; }
.against .panel.wide { padding: 10px 12px 0; }
.chosen .quiet { overflow: hidden; text-overflow: ellipsis; }
@container (max-width: 700px) { .chosen .quiet { display: none; } .chosen { margin-left: 0; } .against .wide .panel-head { min-height: 52px; align-content: flex-start; } }
.against .panel-head { justify-content: flex-start; flex-wrap: wrap; min-height: 24px; align-items: center; }
.against .panel-head h4 { flex: none; }
.compare .caption { min-height: 16px; white-space: normal; overflow-wrap: anywhere; }
@container (min-width: 1000px) { .against > .grid { grid-template-columns: 1fr 1fr 1fr; } }
@container (min-width: 561px) and (max-width: 999px) { .against > .grid .panel:nth-child(3) { grid-column: 1 / -1; } }
.against select { max-width: 100%; min-width: 0; text-overflow: ellipsis; }
.against[hidden], .panel[hidden] { display: none; }
.pickers { display: flex; gap: 6px; align-items: center; min-width: 0; }
.parallel { overflow-x: auto; position: relative; min-height: 236px; }
.room { position: relative; min-width: 100%; }
.brush-axis { position: absolute; width: 22px; cursor: ns-resize; touch-action: none; border-radius: 3px; outline: none; }
.brush-axis:hover { background: color-mix(in srgb, var(--accent) 7%, transparent); }
.brush-axis:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.brushed { position: absolute; left: 3px; right: 3px; background: color-mix(in srgb, var(--accent) 26%, transparent); border: 1px solid var(--accent); border-radius: 2px; box-sizing: border-box; cursor: grab; }
.brushed[hidden] { display: none; }
.bars { display: grid; grid-template-columns: minmax(0, 36%) 1fr auto; gap: 0 8px; align-items: center; padding-top: 4px; }
.bar-name { border: 0; background: none; padding: 0 2px; text-align: right; font-size: 11.5px; height: 20px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar-room { position: relative; height: 20px; border-left: 1px solid var(--hair); }
.bar-fill { position: absolute; top: 5.5px; height: 9px; background: var(--accent); opacity: 0.75; border-radius: 1px; }
.whisker { position: absolute; top: 9.5px; height: 0; border-top: 1.4px solid var(--text); }
.bar-value { font-size: 11.5px; text-align: right; }
.differences { border-top: 1px solid var(--hair); margin-top: 10px; }
.differences:empty { display: none; }
.differences > .caption { padding: 6px 12px 8px; }
.table-room { overflow: auto; max-height: 612px; overscroll-behavior: contain; outline: none; }
.table-room:focus-visible { box-shadow: inset 0 0 0 2px var(--accent); }
.differences table { border-collapse: separate; border-spacing: 0; width: 100%; font: inherit; }
.differences :is(th, td) { padding: 5px 12px; border-bottom: 1px solid var(--hair); text-align: left; font-weight: 400; white-space: nowrap; }
.differences .right { text-align: right; }
.differences thead th { position: sticky; top: 0; z-index: 1; background: var(--ground); color: var(--quiet); font-size: 12px; }
.differences :is(th, td):first-child { position: sticky; left: 0; background: var(--ground); }
.differences thead th:first-child { z-index: 2; }
.differences .swatch { margin-right: 8px; width: 14px; }
.differences .sign { margin-right: 6px; }
.differences b { font-weight: 600; }
.differences code { font: 11px var(--jp-code-font-family, Menlo, Consolas, monospace); color: var(--quiet); margin-left: 6px; }
.differences .faint > *, .differences :is(th, td).faint > * { opacity: 0.35; }
.differences tr.on > *, .differences :is(td, thead th).on { background: var(--select); }
.differences td.shaded { background-image: linear-gradient(color-mix(in srgb, var(--accent) calc(3% + var(--weight, 0) * 19%), transparent) 0 0); }
.differences svg { display: block; } .differences path { fill: none; stroke: var(--accent); stroke-width: 1.6; }
.pop { border-top: 1px solid var(--hair); border-bottom: 1px solid var(--hair); padding: 8px 12px; margin-top: 8px; }
.pop[hidden] { display: none; }
.line { display: flex; gap: 8px; align-items: center; }
.line input { flex: 1 1 140px; min-width: 0; max-width: 320px; }
.list { max-height: 180px; overflow: auto; margin-top: 8px; columns: 260px; column-gap: 24px; }
.entry-line { height: 24px; break-inside: avoid; display: flex; align-items: center; }
.entry-line label { display: flex; gap: 6px; align-items: center; min-width: 0; }
.entry-line input { height: auto; flex: none; }
.entry-line .id { font: 11.5px var(--jp-code-font-family, Menlo, Consolas, monospace); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.foot-words { color: var(--quiet); } .late { color: var(--warn); }
.waits { padding: 16px 12px; color: var(--quiet); }
`;
