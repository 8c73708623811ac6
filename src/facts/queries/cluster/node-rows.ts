import type { NodeView, ViewKind } from '../../cluster/views.ts'
import type { LegFact } from '../../path/leg.ts'
import { type LegFailure, legFailures, legState } from '../path/legs.ts'

/** How a leg stands from one view. `unknown`: not finished, or behind a proxy. */
type NodeState = 'works' | 'sometimes' | 'fails' | 'unknown'

/** One leg as one view saw it. */
export interface NodeOutcome {
  view: NodeView
  leg: LegFact
  state: NodeState
  /** How it fails, if it does: the first way. */
  failure?: LegFailure
  /** The addresses that answered. */
  answered: string[]
}

/** One leg, as each view that probed it saw it. */
export interface NodeRow {
  step: LegFact['step']
  url: string
  host: string
  outcomes: NodeOutcome[]
}

/** The legs of all views, in the order in which they first occur: endpoints × views. */
export function nodeRows(views: readonly NodeView[]): NodeRow[] {
  const rows = new Map<string, NodeRow>()
  for (const view of views)
    for (const leg of view.report?.legs ?? []) {
      const key = `${leg.step} ${leg.url}`
      const row = rows.get(key) ?? { step: leg.step, url: leg.url, host: leg.host, outcomes: [] }
      rows.set(key, row)
      row.outcomes.push(outcomeOf(view, leg))
    }
  return [...rows.values()]
}

function outcomeOf(view: NodeView, leg: LegFact): NodeOutcome {
  const state = legState(leg)
  const [failure] = legFailures(leg)
  const answered = leg.addresses.flatMap(({ address, attempts }) =>
    attempts.some(({ status }) => status !== undefined) ? [address] : [],
  )
  return {
    ...{ view, leg, answered },
    state: state === 'unfinished' || state === 'proxied' ? 'unknown' : state,
    ...(failure ? { failure } : {}),
  }
}

export const isFailing = ({ state }: NodeOutcome): boolean => state === 'fails' || state === 'sometimes'
export const isWorking = ({ state }: NodeOutcome): boolean => state === 'works'

/** The outcomes of one kind of view. */
export const ofKind = ({ outcomes }: NodeRow, kind: ViewKind): NodeOutcome[] =>
  outcomes.filter(({ view }) => view.kind === kind)

/** The nodes of outcomes, in their order. */
export const nodesIn = (outcomes: readonly NodeOutcome[]): string[] => [
  ...new Set(outcomes.map(({ view }) => view.node)),
]

/** Outcomes that are the same but for numbers: state, phase, kind and address. */
export const alike = (outcomes: readonly NodeOutcome[]): NodeOutcome[][] => [
  ...Map.groupBy(outcomes, ({ state, failure }) =>
    [state, failure?.phase, failure?.kind, failure?.address].join(' '),
  ).values(),
]
