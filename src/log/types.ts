/** The lowest level that is written. */
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

/** The title and location of an annotation, named as in @actions/core. */
export type AnnotationProperties = {
  title?: string
  file?: string
  startLine?: number
  endLine?: number
  startColumn?: number
  endColumn?: number
}

/** One record to log, independent of the platform. `depth` counts the open groups, this one included. */
export type LogRecord =
  | { kind: 'debug' | 'info'; text: string }
  | { kind: 'notice' | 'warning' | 'error'; text: string; properties: AnnotationProperties }
  | { kind: 'group'; text: string; depth: number }
  | { kind: 'endgroup'; depth: number }
