/** How a media browser looks; colours and controls are those of the card. */

import { STYLE } from "../style.ts";

const CODE = "var(--jp-code-font-family, Menlo, Consolas, monospace)";

export const MEDIA_STYLE = `${STYLE}
.card.media-card { max-width: 1600px; position: relative; color-scheme: light; }
.card.media-card.dark { color-scheme: dark; }
[hidden] { display: none !important; }
.media-card header { gap: 4px 10px; }
.m-tabs { display: flex; gap: 2px; flex-wrap: wrap; }
.m-tabs button { border-color: transparent; background: none; }
.m-tabs button.on { background: var(--select); border-color: color-mix(in srgb, var(--accent) 35%, transparent); font-weight: 600; }
.m-tabs .quiet { font-weight: 400; }
.m-again { margin-left: auto; }
.m-second { display: flex; flex-wrap: wrap; gap: 6px 16px; align-items: center; padding: 0 12px 8px; }
.m-second:not(:has(> :not([hidden]))) { display: none; }
.m-controls { display: flex; flex: 1 0 auto; max-width: 100%; flex-wrap: wrap; gap: 4px 8px; align-items: center; justify-content: flex-end; }
.m-filter { flex: 1 1 120px; min-width: 90px; max-width: 200px; font: 11.5px ${CODE}; }
.m-controls select { max-width: 190px; }
.m-over { display: inline-flex; gap: 4px; align-items: center; font-size: 12px; white-space: nowrap; }
.m-over input { height: auto; margin: 0; }
.m-slider[hidden] + .m-controls { justify-content: flex-start; }
.m-slider { display: flex; flex: 1000 1 300px; min-width: 0; gap: 6px; align-items: center; font-size: 12px; }
.m-range { flex: 1 1 140px; min-width: 60px; padding: 0; border: 0; height: 22px; accent-color: var(--accent); background: none; }
.m-number { width: 78px; text-align: right; font-variant-numeric: tabular-nums; }
.m-of { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.message { padding: 20px 12px; border-top: 1px solid var(--hair); min-height: 64px; }
.m-grid { position: relative; overflow: auto; overscroll-behavior-x: contain; border-top: 1px solid var(--hair); outline: none; contain: strict; }
.m-log:focus-visible { box-shadow: inset 0 0 0 2px var(--accent); }
.m-sheet { position: relative; min-width: 100%; }
.m-head { position: sticky; top: 0; z-index: 3; height: 34px; background: var(--ground); border-bottom: 1px solid var(--hair); }
.m-column { position: absolute; top: 0; height: 33px; margin-left: 12px; padding-right: 12px; display: flex; gap: 5px; align-items: center; overflow: hidden; font-size: 12px; }
.m-column { container-type: inline-size; }
@container (max-width: 200px) { .m-run code { display: none; } }
.m-column.now { color: var(--accent); }
.m-swatch { flex: none; width: 12px; height: 3px; border-radius: 2px; }
.m-run { display: flex; gap: 6px; align-items: baseline; min-width: 0; border: 0; background: none; padding: 0 2px; font-size: 12.5px; }
.m-run code { flex: none; font: 11px ${CODE}; color: var(--quiet); }
.m-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; unicode-bidi: isolate; }
.m-row { position: absolute; left: 0; width: 100%; contain: layout style; }
.m-row + .m-row { border-top: 1px solid var(--hair); }
.m-line { height: 28px; }
.m-line-in { position: sticky; left: 0; display: flex; width: max-content; box-sizing: border-box; gap: 10px; align-items: center; height: 28px; padding: 0 12px; max-width: min(100%, 100cqw); font-size: 12px; white-space: nowrap; overflow: hidden; }
.m-key { flex: 0 1 auto; min-width: 0; font-size: 12.5px; overflow: hidden; text-overflow: ellipsis; unicode-bidi: isolate; }
.m-line .quiet { font-size: 11.5px; }
.m-line .quiet { flex: none; }
.m-stepper { flex: none; display: inline-flex; gap: 5px; align-items: center; }
.m-small { height: 18px; line-height: 16px; padding: 0 6px; }
.m-line .m-legend { flex-wrap: nowrap; flex: 0 100 auto; min-width: 0; overflow: hidden; }
.m-legend { display: inline-flex; flex-wrap: wrap; gap: 0 10px; font-size: 11.5px; color: var(--quiet); }
.m-legend i { display: inline-block; width: 9px; height: 9px; border-radius: 2px; margin-right: 4px; }
.m-cell { position: absolute; top: 28px; margin-left: 12px; padding-right: 12px; overflow: hidden; contain: strict; }
.m-grid:focus-visible .m-cell.active { outline: 2px solid var(--accent); outline-offset: -2px; border-radius: 3px; }
.m-box { display: flex; align-items: flex-start; max-height: calc(100% - 40px); }
.m-box:has(img:not([src])) { height: calc(100% - 40px); }
.m-box img { outline: 1px solid var(--hair); outline-offset: -1px; display: block; max-width: 100%; max-height: 100%; border-radius: 2px; cursor: zoom-in; object-fit: contain; background: var(--soft); }
.pixels { image-rendering: pixelated; }
.m-step, .m-caption, .m-words, .m-said { font-size: 11.5px; line-height: 18px; color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.m-step.other { color: var(--warn); }
.m-caption { color: var(--text); unicode-bidi: isolate; }
.m-words { white-space: normal; overflow-wrap: anywhere; padding: 2px 0; }
.m-cell[data-type="why"] .m-words { color: var(--bad); }
.m-heat { position: relative; cursor: crosshair; border-radius: 2px; background: var(--soft); overflow: hidden; width: fit-content; }
.m-heat:focus-visible, .m-table:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.m-heat canvas { display: block; }
.m-hair { position: absolute; top: 0; bottom: 0; width: 1px; background: var(--text); opacity: 0.55; pointer-events: none; display: none; }
.m-said { white-space: nowrap; }
.m-table { height: calc(100% - 26px); overflow: auto; }
.m-table table { border-collapse: collapse; font-size: 12px; }
.m-table th, .m-table td { padding: 0 8px; height: 24px; text-align: left; white-space: nowrap; max-width: 220px; overflow: hidden; text-overflow: ellipsis; border-bottom: 1px solid var(--hair); font-weight: 400; unicode-bidi: isolate; }
.m-table thead th { position: sticky; top: 0; background: var(--ground); color: var(--quiet); font-size: 11.5px; }
.m-table tbody th { color: var(--quiet); text-align: right; padding-left: 0; }
.m-table .right { text-align: right; }
.m-table .differs { background: color-mix(in srgb, var(--warn) 12%, transparent); font-weight: 600; }
.m-place { height: calc(100% - 22px); }
.m-place audio { width: 100%; height: 38px; }
.m-place video, .m-place .m-film { max-width: 100%; max-height: 100%; display: block; image-rendering: pixelated; }
.m-place .m-film { height: 100%; object-fit: contain; }
.m-place iframe { width: 100%; height: 100%; border: 1px solid var(--hair); border-radius: 2px; background: #fff; color-scheme: light; box-sizing: border-box; }
.media-card footer.late { color: var(--warn); }
.media-card footer { color: var(--quiet); }
.m-output { border-top: 1px solid var(--hair); }
.m-bar { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; padding: 8px 12px; font-size: 12px; }
.m-search { flex: 1 1 140px; min-width: 100px; max-width: 280px; }
.m-runs { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; padding: 0 12px 8px; max-height: 78px; overflow: auto; font-size: 12px; }
.m-runs button { max-width: 200px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.m-runs button.on { background: var(--select); border-color: color-mix(in srgb, var(--accent) 35%, transparent); }
.m-log { position: relative; overflow: auto; border-top: 1px solid var(--hair); outline: none; overscroll-behavior-x: contain; }
.m-lines { position: relative; }
.m-row-line { position: absolute; left: 0; min-width: 100%; height: 18px; display: flex; font: 11.5px/18px ${CODE}; white-space: pre; }
.m-row-line.current { background: var(--select); }
.m-nr { position: sticky; left: 0; flex: none; width: calc(var(--digits, 4ch) + 16px); padding-right: 10px; text-align: right; color: var(--quiet); background: var(--ground); user-select: none; }
.current .m-nr { background: var(--select); }
.m-text { padding-right: 12px; unicode-bidi: isolate; }
mark { background: color-mix(in srgb, var(--warn) 32%, transparent); color: inherit; border-radius: 2px; }
.current mark { background: color-mix(in srgb, var(--warn) 55%, transparent); }
.m-large { width: min(1400px, 94vw); height: 92vh; max-width: none; max-height: none; padding: 0; border: 1px solid var(--hair); border-radius: 6px; background: var(--ground); color: var(--text); flex-direction: column; overflow: hidden; }
.m-large[open] { display: flex; }
.m-large::backdrop { background: rgb(0 0 0 / 55%); }
.m-large header { flex: none; justify-content: space-between; }
.m-large .buttons { flex-wrap: wrap; align-items: center; }
.m-title { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; unicode-bidi: isolate; }
.m-room { flex: 1; min-height: 0; overflow: auto; display: flex; outline: none; border-top: 1px solid var(--hair); background: var(--soft); }
.m-room:focus-visible { box-shadow: inset 0 0 0 2px var(--accent); }
.m-room img { margin: auto; display: block; flex: none; }
.m-large footer { flex: none; align-items: baseline; }
.m-large footer p { margin: 0; color: var(--text); overflow-wrap: anywhere; max-height: 60px; overflow: auto; }
@container (max-width: 640px) {
  .m-controls { flex-basis: 100%; justify-content: flex-start; }
  .m-of { display: none; }
  .media-card header { row-gap: 6px; }
  .m-tabs { order: 1; flex: 1 0 100%; flex-wrap: nowrap; overflow-x: auto; scrollbar-width: thin; }
  .m-tabs button { flex: none; }
}
`;
