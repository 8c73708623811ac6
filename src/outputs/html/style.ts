import { type Html, trusted } from './markup.ts'

/** Every pair of text and background has a contrast of at least 4.5. */
const colours = `
:root { color-scheme: light dark;
  --paper: #fff; --panel: #f6f7f9; --ink: #1b1f24; --quiet: #5a6370; --line: #dfe3e8; --link: #0b5cad;
  --fail: #b3261e; --warn: #855300; --pass: #196c3b; --unknown: #5b4a9c; --off: #5a6370;
  --fail-soft: #fbe9e7; --warn-soft: #fbf0dc; --pass-soft: #e3f2e8; --unknown-soft: #ece9f7; --off-soft: #eef0f3;
  --dns: #8d7ab8; --connect: #4d8fcc; --tls: #2f7d84; --headers: #6fae7f; --body: #c3d59b; --served: #8fc3a3; --config: #4f9a6d; --weak: #d5dccb; --network: #7fa7cf; --alive: #2f6fae; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #15181c; --panel: #1d2126; --ink: #e7eaee; --quiet: #a0a9b4; --line: #323940; --link: #86bdf5;
  --fail: #ff9a8f; --warn: #f0bd5e; --pass: #7fd1a0; --unknown: #bdb0f2; --off: #a0a9b4;
  --fail-soft: #3b211f; --warn-soft: #362a15; --pass-soft: #1a3124; --unknown-soft: #29243e; --off-soft: #262b31;
  --dns: #8a78b5; --connect: #3f78ac; --tls: #2b8087; --headers: #4e8d60; --body: #77894f; --served: #3f7a57; --config: #6bb98c; --weak: #4a5243; --network: #476a8c; --alive: #6ba6dd; } }`

const text = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
.sheet { max-width: 880px; margin: 0 auto; padding: 0 24px 64px; }
h1, h2, h3, p, ul, figure, pre { margin: 0; }
h1 { font-size: 1.75rem; line-height: 1.22; font-weight: 650; letter-spacing: -.012em; }
h2 { font-size: 1.2rem; line-height: 1.3; font-weight: 650; margin: 0 0 .75rem; }
h3 { font-size: .95rem; font-weight: 650; margin: 1.5rem 0 .4rem; }
p + p { margin-top: .6rem; }
a { color: var(--link); text-underline-offset: .15em; }
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .86em; overflow-wrap: anywhere; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .75rem; white-space: pre-wrap; font-size: .82rem; line-height: 1.5; }
.quiet { color: var(--quiet); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { position: absolute; left: 8px; top: 8px; background: var(--paper); padding: .4rem .8rem; z-index: 1; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.top { display: flex; flex-wrap: wrap; gap: .25rem 1rem; justify-content: space-between; padding: 1.25rem 0 1rem; font-size: .875rem; color: var(--quiet); }
.top b { color: var(--ink); font-weight: 650; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .875rem; color: var(--quiet); }`

const parts = `
.verdict { border: 1px solid var(--line); border-left-width: 5px; border-radius: 8px; padding: 1.4rem 1.5rem 1.3rem; }
.verdict.fail { border-left-color: var(--fail); } .verdict.warn { border-left-color: var(--warn); }
.verdict.pass { border-left-color: var(--pass); } .verdict.unknown { border-left-color: var(--unknown); }
.kicker { display: flex; flex-wrap: wrap; gap: .3rem .75rem; align-items: center; margin-bottom: .8rem; font-size: .9rem; color: var(--quiet); }
.badge { border-radius: 99px; padding: .1rem .7rem; font-weight: 650; font-size: .85rem; }
.badge.fail { background: var(--fail-soft); color: var(--fail); } .badge.warn { background: var(--warn-soft); color: var(--warn); }
.badge.pass { background: var(--pass-soft); color: var(--pass); } .badge.unknown { background: var(--unknown-soft); color: var(--unknown); }
.lead { font-size: 1.08rem; margin-top: .45rem; }
.because { color: var(--quiet); margin-top: .5rem; }
.do { margin-top: 1.1rem; background: var(--panel); border-radius: 6px; padding: .8rem 1rem .9rem; }
.do h2, .do h3 { font-size: .95rem; margin: 0 0 .25rem; }
.do pre { margin-top: .5rem; background: var(--paper); }
.copied { position: relative; } .copied pre { padding-right: 4.6rem; }
.copied button { position: absolute; top: .25rem; right: .25rem; }
button, select, input { font: inherit; font-size: .85rem; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: .25rem .65rem; min-height: 32px; }
button { cursor: pointer; } button:hover { border-color: var(--quiet); }
.more { margin-top: .8rem; font-size: .9rem; color: var(--quiet); }
.groups { display: flex; flex-wrap: wrap; gap: .4rem .5rem; list-style: none; padding: 0; margin: 1rem 0 0; }
.groups a, .groups span.group { display: inline-flex; gap: .45rem; align-items: center; padding: .25rem .75rem; border: 1px solid var(--line); border-radius: 99px; font-size: .9rem; color: inherit; text-decoration: none; }
.groups a:hover { border-color: var(--quiet); }
.numbers { color: var(--quiet); font-size: .9rem; margin-top: .8rem; }
.mark { display: inline-block; min-width: 1.1em; font-weight: 700; text-align: center; }
.mark.fail { color: var(--fail); } .mark.warn { color: var(--warn); } .mark.pass { color: var(--pass); } .mark.unknown { color: var(--unknown); } .mark.off { color: var(--off); }
section { margin-top: 2.75rem; }
.cause { border-top: 1px solid var(--line); padding: 1.1rem 0 1.3rem; }
details.cause { padding: .45rem 0; } details.cause > summary { overflow-wrap: anywhere; } .cause > h3 { margin-top: 0; font-size: 1.02rem; }
details > summary { cursor: pointer; padding: .25rem 0; font-size: .92rem; }
details > summary:hover { color: var(--link); }
details.inline { display: inline-block; width: 100%; padding-left: 1.5rem; }
.findings { list-style: none; padding: 0; margin-top: .35rem; }
.findings > li { padding: .55rem 0; border-top: 1px solid var(--line); font-size: .92rem; }
.findings > li:first-child { border-top: 0; }
.findings dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .3rem 0 0; }
.findings dt { color: var(--quiet); } .findings dd { margin: 0; min-width: 0; }
.evidence { color: var(--quiet); margin-top: .25rem; font-size: .8rem; }
.faults, .lines, .plain { list-style: none; padding: 0; font-size: .92rem; }
.faults { margin-top: .5rem; } .faults li, .lines li { padding: .18rem 0 .18rem 1.5rem; text-indent: -1.5rem; overflow-wrap: anywhere; } .faults li > *, .lines li > * { text-indent: 0; } .lines pre { margin: .4rem 0; }
.plain li { padding: .1rem 0; }
figure { margin: 0 0 1.4rem; } figcaption { font-size: .9rem; margin-top: .35rem; overflow-wrap: anywhere; }
.way figcaption { margin: 0 0 .6rem; } .way pre { margin-top: .4rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .9rem .4rem 0; border-top: 1px solid var(--line); font-weight: 400; } thead th { border-top: 0; color: var(--quiet); font-size: .85rem; white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.dial { display: inline-block; white-space: nowrap; margin-right: .9rem; }
.tools { display: none; flex-wrap: wrap; gap: .5rem; margin-bottom: .6rem; } .js .tools { display: flex; } .tools input { flex: 1 1 12rem; min-width: 0; }
.checks { list-style: none; padding: 0; } .checks li { padding: .3rem 0; border-top: 1px solid var(--line); font-size: .92rem; }
.checks .id { color: var(--quiet); } .checks .why { display: block; color: var(--quiet); padding-left: 1.5rem; }
[hidden] { display: none !important; }`

const pictures = `
.picture svg { display: block; max-width: 100%; overflow: visible; } .picture .narrow { display: none; }
svg text { fill: var(--ink); font: 12.5px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
svg .detail, svg .tick { fill: var(--quiet); font-size: 11.5px; } svg .inside { font-size: 11.5px; }
svg .name { font-weight: 600; } svg .verdict { font-size: 11.5px; font-weight: 700; }
svg text.fail { fill: var(--fail); } svg text.warn { fill: var(--warn); } svg text.unknown { fill: var(--unknown); } svg text.off { fill: var(--off); }
svg .branch, svg .axis { fill: none; stroke: var(--quiet); stroke-width: 1; opacity: .6; } svg .grid { stroke: var(--line); stroke-width: 1; fill: none; }
.object { fill: var(--served); background: var(--served); } .object.configuration { fill: var(--config); } .object.listed, .object.opened { fill: var(--weak); background: var(--weak); }
.object.absent { fill: var(--fail-soft); background: var(--fail-soft); stroke: var(--fail); stroke-dasharray: 4 3; outline: 1px dashed var(--fail); outline-offset: -1px; }
.object.damaged { fill: var(--fail); background: var(--fail); } .object.elsewhere { fill: none; stroke: var(--quiet); outline: 1px solid var(--quiet); background: none; outline-offset: -1px; }
.object.unseen-object { fill: var(--unknown-soft); background: var(--unknown-soft); stroke: var(--unknown); stroke-dasharray: 2 3; outline: 1px dotted var(--unknown); outline-offset: -1px; }
.phase.dns { fill: var(--dns); background: var(--dns); } .phase.connect { fill: var(--connect); background: var(--connect); } .phase.tls { fill: var(--tls); background: var(--tls); } .phase.headers { fill: var(--headers); background: var(--headers); } .phase.body { fill: var(--body); background: var(--body); }
.phase.lost { fill: var(--fail-soft); background: var(--fail-soft); stroke: var(--fail); outline: 1px solid var(--fail); outline-offset: -1px; }
svg .track { fill: var(--panel); } svg .attempt.worked { fill: var(--pass); } svg .attempt.failed { fill: var(--fail); }
svg .life { fill: var(--network); } svg .life.alive { fill: var(--alive); } svg .event { fill: var(--warn); } svg .rewrite { fill: var(--warn-soft); stroke: var(--warn); } svg .dead { fill: var(--fail); }
svg .station { fill: var(--panel); stroke: var(--line); } svg .station.end, svg .station.interface { fill: var(--paper); stroke: var(--quiet); } svg .station.passed.stage { fill: var(--pass-soft); stroke: var(--pass); }
svg .station.lost { fill: var(--fail-soft); stroke: var(--fail); stroke-width: 2; } svg .station.never { fill: none; stroke: var(--quiet); stroke-dasharray: 3 3; } svg text.never { fill: var(--quiet); }
svg .arrow { fill: none; stroke: var(--quiet); } svg .arrow.never { opacity: .4; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; padding: 0; margin: .4rem 0 1.4rem; font-size: .82rem; color: var(--quiet); } .swatch { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: .4rem; vertical-align: -1px; }`

const media = `
@media (max-width: 879px) { .picture .wide { display: none; } .picture .narrow { display: block; } }
@media (max-width: 560px) { .sheet { padding: 0 17px 48px; } .verdict { padding: 1.1rem 1.1rem 1rem; } h1 { font-size: 1.45rem; } section { margin-top: 2.2rem; } .findings dl { grid-template-columns: 1fr; } .findings dt { margin-top: .2rem; } }
@media print { :root { color-scheme: light; } body { font-size: 11pt; } .tools, .skip, .copied button, .screen { display: none !important; } .picture .wide { display: block; width: 100%; height: auto; } .picture .narrow { display: none; } details::details-content { content-visibility: visible; display: block; block-size: auto; } .verdict, .cause, figure, tr, li { break-inside: avoid; } a { color: inherit; } pre, .do { border: 1px solid var(--line); } * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media (forced-colors: active) { svg rect, svg path, svg circle, .swatch { forced-color-adjust: none; } }`

const squeezed = (css: string): string => css.replaceAll(/\s*\n\s*/g, '')

/** The style of the page. Fonts are those of the reader's system: nothing is fetched. */
export const style: Html = trusted([colours, text, parts, pictures, media].map(squeezed).join(''))
