import type { Judgement } from './judge.ts'
import type { Axes } from './shapes/shape.ts'

/** A rule by which regguard is measured, and how this image breaks it. */
export type Disagreement = { rule: 'false alarm' | 'silence' | 'wrong name' | 'wrong text'; text: string }

/** Which of the clients here a name in a finding means. */
const named: Record<string, string[]> = {
  containerd: ['containerd', 'containerd-2', 'containerd-2-local'],
  'Docker with the containerd image store': ['docker-29-store'],
  'Docker with the classic image store': ['docker', 'docker-29'],
  podman: ['podman', 'skopeo'],
  'Docker 20.10': ['docker'],
  'Docker 29 with the classic image store': ['docker-29'],
  'containerd 1.6': ['containerd'],
}

/** The engines whose refusal must not pass silently. Docker 20.10 is not among them: it is no longer supported. */
const engines = ['docker-29', 'docker-29-store', 'containerd', 'containerd-2', 'containerd-2-local']

/** They say how requests went, and nothing of the image. */
const notOfTheImage = ['requests-repeated', 'length-unknown']

/**
 * Where regguard and the clients differ: an error about an image that every client pulls, no finding about an image that an engine
 * refuses, and a finding that says of a client that it refuses what it pulls, or with words that are not its own.
 */
export function disagreements({ shape, pulls, causes }: Judgement): Disagreement[] {
  const refusing = Object.entries(pulls).flatMap(([id, pull]) => (pull.ok ? [] : [{ id, error: pull.error }]))
  const errors = causes.filter(({ severity }) => severity === 'error').map(({ id }) => id)
  const found = causes.filter(({ id }) => !notOfTheImage.includes(id))
  // Of several faults, a client tells the one that it meets first.
  const isOnly = found.length === 1 && deviations(shape.axes) === 1
  const silent = found.length === 0 ? refusing.filter(({ id }) => engines.includes(id)) : []
  return [
    ...(refusing.length === 0 && errors.length > 0
      ? [{ rule: 'false alarm' as const, text: `${errors.join(', ')}, and every client pulls it` }]
      : []),
    ...(silent.length > 0 ? [{ rule: 'silence' as const, text: refusalText(silent) }] : []),
    ...refusalsNamedIn(causes).flatMap(({ name, error }) => unlike(name, error, pulls, isOnly)),
  ]
}

const refusalText = (refusing: { id: string; error: string }[]): string =>
  `${refusing.map(({ id }) => id).join(', ')}: ${refusing[0]?.error}`

/** In how many ways a shape differs from a healthy image. */
function deviations({ image: _, pulled: __, packing, layerType, ...axes }: Axes): number {
  return Object.keys(axes).length + (packing !== undefined || layerType !== undefined ? 1 : 0)
}

function unlike(name: string, error: string, pulls: Judgement['pulls'], checkText: boolean): Disagreement[] {
  const ids = named[name] ?? []
  const judges = ids.flatMap((id) => pulls[id] ?? [])
  // Where a version is missing, it may be the one that is meant.
  if (ids.length === 0 || judges.length < ids.length) return []
  const refusals = judges.flatMap((pull) => (pull.ok ? [] : [pull.error]))
  if (refusals.length === 0) return [{ rule: 'wrong name', text: `it says that ${name} refuses: “${error}”` }]
  if (!checkText || refusals.some((text) => patternOf(error).test(text))) return []
  return [
    { rule: 'wrong text', text: `it quotes ${name} with “${error}”, which says ${refusals.join(' | ')}` },
  ]
}

/** “…” stands for what varies. */
const patternOf = (error: string): RegExp =>
  new RegExp(
    error
      .split('…')
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('.*'),
    'i',
  )

/** The sentences of findings that name clients: “Pulls (by digest) fail in A and B with “text”, in C with “text”.” */
function refusalsNamedIn(causes: Judgement['causes']): { name: string; error: string }[] {
  const texts = causes.flatMap((cause) => [
    ...[cause.title, cause.because ?? '', cause.advice],
    ...cause.findings.flatMap(({ message, evidence }) => [message, ...evidence]),
  ])
  const sentences = new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/Pulls (?:by \w+ )?fail in (.*)/g)].map(([, all]) => all ?? ''),
    ),
  )
  return [...sentences].flatMap((sentence) =>
    [...sentence.matchAll(/(?:^|, in )(.+?) with “(.+?)”/g)].flatMap(([, names = '', error = '']) =>
      names.split(' and ').map((name) => ({ name, error })),
    ),
  )
}
