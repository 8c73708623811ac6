/** What the tests do with a command of a page or of an advice. */
export type Use =
  /** Run where its finding is. It changes nothing; `fails`: why it may end with an error here. */
  | { kind: 'looks'; fails?: string }
  /** Run in these states of its finding, or in all, in the order of the page or of the advice. They end the finding. */
  | { kind: 'heals'; states?: string[]; instead?: Instead }
  /** Keeps the state from coming back, or helps next to it: run where its finding is. It works, and harms nothing. */
  | { kind: 'helps'; instead?: Instead }
  /** Named without the advice to run it as it is. */
  | { kind: 'named'; because: string }

/** What has the same effect here, and why the command itself cannot run. */
export interface Instead {
  /** An action of the laboratory, or a command of the shell. */
  run: { action: Action } | { command: string }
  because: string
}

/** What the laboratory does itself. */
export type Action = 'restart Docker' | 'stop the second engine' | 'remove the legacy rules'

/** The commands of one finding. */
export type Uses = Record<string, Use>

export const looks: Use = { kind: 'looks' }
export const looksAndMayFail = (fails: string): Use => ({ kind: 'looks', fails })
export const heals: Use = { kind: 'heals' }
export const healsIn = (...states: string[]): Use => ({ kind: 'heals', states })
export const helps: Use = { kind: 'helps' }
export const named = (because: string): Use => ({ kind: 'named', because })

/** The same effect by a command of the shell. */
export const byCommand = (command: string, because: string): { instead: Instead } => ({
  instead: { run: { command }, because },
})

/** The same effect by the laboratory. */
export const byAction = (action: Action, because: string): { instead: Instead } => ({
  instead: { run: { action }, because },
})

/** No systemd runs here: the test has started dockerd, and restarts it. */
export const restartsDocker = (...states: string[]): Use => ({
  kind: 'heals',
  ...(states.length > 0 ? { states } : {}),
  ...byAction('restart Docker', 'dockerd was started by the test and not by systemd'),
})

export const noJournal = looksAndMayFail('no journal is kept here')
export const noSystemd = looksAndMayFail('systemd does not run here')
export const noMatch = looksAndMayFail('grep finds nothing')
