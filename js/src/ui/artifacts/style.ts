/** How artifacts look, in the panel and on their cards; colours and controls are those of the run's card. */

import { STYLE } from "../style.ts";

export const BADGE_STYLE = `
.badge { display: inline-block; flex: none; border: 1px solid var(--hair); border-radius: 9px; padding: 0 7px; font-size: 11px; line-height: 16px; color: var(--quiet);
  max-width: 150px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; vertical-align: middle; }
.badge.stage { color: var(--text); border-color: var(--quiet); }
.badge.production { color: var(--good); border-color: var(--good); font-weight: 600; }
`;

export const CARD_STYLE = `${STYLE}${BADGE_STYLE}
:host { display: block; height: 100%; overflow: auto; background: var(--jp-layout-color0, transparent); }
.served { max-width: 1600px; margin: 0 auto; padding: 8px 12px; box-sizing: border-box; }
.served [hidden] { display: none !important; }
.card { max-width: none; --rf-text: var(--text); --rf-secondary: var(--quiet); --rf-hairline: var(--hair); --rf-ground: var(--ground); --rf-accent: var(--accent);
  --rf-running: var(--accent); --rf-finished: var(--good); --rf-failed: var(--bad); --rf-interrupted: var(--warn); --rf-crashed: var(--crashed);
  --rf-stopped: var(--quiet); --rf-pruned: var(--quiet); --rf-silent: var(--quiet); }
.lost { padding: 6px 12px; color: var(--warn); font-size: 12px; }
.saying { padding: 8px 12px; display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; color: var(--quiet); }
.saying.bad { color: var(--bad); } .saying > span { overflow-wrap: anywhere; min-width: 0; }
.card header h3 { overflow-wrap: anywhere; white-space: normal; max-width: 100%; }
header .stages { display: flex; flex-wrap: wrap; gap: 4px; }
button.badge { background: none; height: 18px; cursor: pointer; }
.body { display: grid; grid-template-columns: minmax(0, 1fr); border-top: 1px solid var(--hair); }
.left, .right { min-width: 0; }
section { border-top: 1px solid var(--hair); padding: 8px 0 12px; min-width: 0; }
.left > section:first-child, .right > section:first-child { border-top: 0; }
.right { border-top: 1px solid var(--hair); }
@container (min-width: 1000px) {
  .body { grid-template-columns: minmax(440px, 5fr) minmax(0, 8fr); }
  .right { border-top: 0; border-left: 1px solid var(--hair); }
}
.heading { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; padding: 0 12px 4px; min-height: 26px; }
.heading h4 { margin: 0; font-size: 13px; font-weight: 600; }
.heading .quiet { font-size: 12px; } .heading .act { margin-left: auto; display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; font-size: 12px; color: var(--quiet); }
.heading .badges, .badges { display: flex; flex-wrap: wrap; gap: 4px; }
p { margin: 0; padding: 2px 12px; } p.words { white-space: pre-line; overflow-wrap: anywhere; }
.facts-line { display: flex; flex-wrap: wrap; gap: 2px 16px; color: var(--quiet); } .facts-line b { color: var(--text); }
.copy { display: flex; align-items: center; gap: 8px; padding: 2px 12px; min-height: 26px; }
.copy code { flex: 0 1 auto; min-width: 0; font: 11.5px var(--jp-code-font-family, Menlo, Consolas, monospace); color: var(--text); overflow-wrap: anywhere; }
.copy button { flex: none; }
code { font: 11.5px var(--jp-code-font-family, Menlo, Consolas, monospace); color: var(--quiet); }
.maker { display: inline-flex; align-items: baseline; gap: 4px; min-width: 0; max-width: 100%; } .maker .sign { flex: none; }
.scroll { overflow-x: auto; } .scroll.tall { max-height: 420px; overflow-y: auto; }
.scroll:focus-visible, svg a:focus-visible rect { outline: 2px solid var(--accent); outline-offset: -2px; }
table { border-collapse: collapse; width: 100%; font: inherit; font-variant-numeric: tabular-nums; }
th, td { text-align: left; font-weight: 400; padding: 4px 12px; border-top: 1px solid var(--hair); vertical-align: baseline; }
thead th { color: var(--quiet); font-size: 12px; border-top: 0; white-space: nowrap; }
:is(th, td).right-hand { text-align: right; white-space: nowrap; }
td.quiet, .when { color: var(--quiet); } .when { white-space: nowrap; }
.sheet :is(th, td) { white-space: nowrap; } .sheet th:first-child { position: sticky; left: 0; background: var(--ground); }
table.sheet { width: auto; min-width: 100%; border-collapse: separate; border-spacing: 0; }
.wraps :is(th, td) { overflow-wrap: anywhere; } .files td code, td.keeps { white-space: nowrap; }
.versions .maker { max-width: 180px; } .versions .link { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.history :is(th, td) { vertical-align: top; }
.compared { table-layout: fixed; margin-bottom: 8px; } .compared th { width: 24%; } .compared th:last-child { width: 13%; } .compared thead th:nth-child(2) { width: 28%; } .compared thead th:nth-child(3) { width: auto; }
tr.about td { border-top: 0; padding-top: 0; font-size: 12px; }
p.quiet b { color: var(--text); }
.noted th { color: var(--quiet); width: 30%; }
tr.one { cursor: pointer; } tr.one:hover td { background: var(--soft); }
tr.one.chosen td { background: var(--select); }
tr.one button.number { border: 0; background: none; padding: 0; height: auto; font-weight: 600; font-size: 13px; }
tr.one.gone button.number { font-weight: 400; color: var(--quiet); }
.bad { color: var(--bad); } .old { color: var(--warn); }
@container (max-width: 560px) {
  .versions thead, .history thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
  :is(.versions, .history) :is(tbody, td) { display: block; }
  :is(.versions, .history) tr { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 12px; padding: 4px 12px; border-top: 1px solid var(--hair); }
  :is(.versions, .history) td { border: 0; padding: 0; } :is(.versions, .history) td:empty { display: none; }
  .versions td.names { flex: 1 0 calc(100% - 60px); } .history td.why { flex-basis: 100%; }
  tr.one:hover, tr.one:hover td { background: var(--soft); } tr.one.chosen, tr.one.chosen td { background: var(--select); }
  .noted th { width: 40%; } :is(.compared, .files, .noted) :is(th, td) { padding: 4px 6px; }
  :is(.compared, .files, .noted) :is(th, td):first-child { padding-left: 12px; } :is(.compared, .files, .noted) :is(th, td):last-child { padding-right: 12px; }
}
@container (max-width: 420px) {
  .files .hash { display: none; } td.bars { font-size: 9px; } .noted th { width: 45%; }
  .compared, .compared :is(thead, tbody, th, td) { display: block; } .compared tr { display: flex; flex-wrap: wrap; border-top: 1px solid var(--hair); padding: 2px 0; }
  .compared :is(th, td), .compared thead th:nth-child(n) { border: 0; padding: 2px 12px; box-sizing: border-box; width: auto; } .compared tr > :nth-child(1) { flex: 1 0 55%; }
  .compared tr > :nth-child(2), .compared tr > :nth-child(3) { order: 2; flex: 0 0 50%; } .compared tr.about { border: 0; }
}
.drawing { overflow-x: auto; padding: 0 8px; } .drawing svg { display: block; margin: 0 auto; max-width: 100%; height: auto; }
.drawing [tabindex] { cursor: pointer; } .drawing [tabindex]:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; border-radius: 4px; }
.drawing [tabindex]:hover rect { stroke: var(--accent); stroke-opacity: 1; }
.nodes { display: none; }
@container (max-width: 560px) { .drawing { display: none; } .nodes { display: block; } }
.block { padding-top: 4px; } .block > p b { font-weight: 600; }
.mark { color: var(--quiet); }
td.bars { font-family: var(--jp-code-font-family, Menlo, Consolas, monospace); white-space: pre-wrap; }
input[type="date"] { color-scheme: light; } .dark input[type="date"] { color-scheme: dark; }
`;
