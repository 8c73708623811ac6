/** What a text output gives: lines, folds and annotations, which the logger writes as its platform has them. */
export type Entry =
  | { kind: 'text'; text: string }
  | { kind: 'debug'; text: string }
  | { kind: 'group'; title: string; lines: string[] }
  | { kind: 'annotation'; level: 'error' | 'warning' | 'notice'; title: string; text: string }

/** One line of text. */
export const line = (text = ''): Entry => ({ kind: 'text', text })
