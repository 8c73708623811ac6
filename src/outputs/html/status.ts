import type { Severity, Status } from '../../core/finding.ts'
import { type Html, html } from './markup.ts'

/** How a status is shown: never by its colour alone. */
export const statusInfo: Record<Status, { mark: string; word: string; many: string }> = {
  fail: { mark: '✗', word: 'failed', many: 'failed' },
  warn: { mark: '!', word: 'warning', many: 'with warnings' },
  unknown: { mark: '?', word: 'not inspected', many: 'not inspected' },
  pass: { mark: '✓', word: 'passed', many: 'passed' },
  off: { mark: '–', word: 'off', many: 'off' },
}

/** The order in which a reader wants to see them. */
export const statusOrder: readonly Status[] = ['fail', 'warn', 'unknown', 'pass', 'off']

/** The mark of a status, with its word for those who do not see it. */
export const mark = (status: Status): Html =>
  html`<span class="mark ${status}"><span aria-hidden="true">${statusInfo[status].mark}</span><span class="unseen">${statusInfo[status].word}</span></span>`

/** The status that a severity is shown as. */
export const statusOf = (severity: Severity): Status =>
  severity === 'error' ? 'fail' : severity === 'warning' ? 'warn' : 'off'
