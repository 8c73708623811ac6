import { basename, extname } from 'node:path'
import { renderOverview } from '../../outputs/html/overview.ts'
import { renderHtml } from '../../outputs/html/page.ts'
import type { Report } from '../../report/schema.ts'

/** A scene that was played. */
export interface Played {
  name: string
  title: string
  report: Report
}

/** The files of the demo's pages: `file` itself lists the scenes, and the page of each is beside it. */
export function demoPages(file: string, played: readonly Played[]): { path: string; text: string }[] {
  const stem = file.slice(0, file.length - extname(file).length)
  const pathOf = (name: string) => `${stem}-${name}.html`
  const entries = played.map(({ name, title, report }) => ({ title, report, href: basename(pathOf(name)) }))
  return [
    { path: file, text: renderOverview('regguard demo', entries) },
    ...played.map(({ name, report }) => ({ path: pathOf(name), text: renderHtml(report) })),
  ]
}
