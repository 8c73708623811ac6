/** The least important kind of line that is still written. */
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

/** What an annotation points at: the same names as `AnnotationProperties` of @actions/core. */
export type AnnotationProperties = {
  title?: string
  file?: string
  startLine?: number
  endLine?: number
  startColumn?: number
  endColumn?: number
}

/** One thing to log, before a platform gives it a form. `depth` counts the open groups, this one included. */
export type LogRecord =
  | { kind: 'debug' | 'info'; text: string }
  | { kind: 'notice' | 'warning' | 'error'; text: string; properties: AnnotationProperties }
  | { kind: 'group'; text: string; depth: number }
  | { kind: 'endgroup'; depth: number }
