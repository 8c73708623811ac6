import type { Report } from '../../report/schema.ts'
import { splitCauses } from '../terminal/causes.ts'
import { groupsText } from '../terminal/verdict.ts'
import { splitTitle } from './causes.ts'
import { html, trusted } from './markup.ts'
import { mark } from './status.ts'
import { style } from './style.ts'

/** A page that is listed: its address beside the overview. */
interface Entry {
  title: string
  href: string
  report: Report
}

/** A page that lists others, with the verdict of each. */
export const renderOverview = (title: string, entries: readonly Entry[]): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<div class="sheet">
<header class="top"><span><b>${title}</b></span></header>
<main>
<h1>What regguard finds</h1>
${entries.map(entryArticle)}
</main>
</div>
</body>
</html>
`.html

function entryArticle({ title, href, report }: Entry) {
  const [worst] = splitCauses(report).faults
  const { name, meaning } = worst ? splitTitle(worst.title) : { name: 'No problems found', meaning: '' }
  return html`<section><h2>${mark(report.status)} <a href="${href}">${title}</a></h2>
<p><strong>${name}</strong>${meaning === '' ? undefined : html`: ${meaning}`}</p>
<p class="quiet">${groupsText(report)}</p></section>
`
}
