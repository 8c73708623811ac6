import type { Disagreement } from './disagreements.ts'
import type { Axes } from './shapes/shape.ts'
import { types } from './shapes/types.ts'

/** A disagreement that has a reason. */
type Known = { why: string; rule: Disagreement['rule']; applies: (axes: Axes) => boolean }

const artifactConfigs = [
  types.ociEmpty,
  'application/vnd.example.config.v1+json',
  'application/vnd.cncf.helm.config.v1+json',
  'application/vnd.docker.plugin.v1+json',
]

const known: Known[] = [
  {
    why: 'An artifact is not for container runtimes: what they make of it is no fault of it.',
    rule: 'silence',
    applies: ({ configType = types.ociConfig }) => artifactConfigs.includes(configType),
  },
  {
    why: 'Without the type of an image in its configuration or its layers, a manifest is an artifact.',
    rule: 'silence',
    applies: ({ configType, layerType }) => !isImageType(configType) && !isImageType(layerType),
  },
  {
    why: 'A build cache is no image.',
    rule: 'silence',
    applies: ({ index }) => index === 'BuildKit cache as an index of layers',
  },
  {
    why: 'An image for other platforms than linux/amd64, where these clients run. The setting `platforms` says which are expected.',
    rule: 'silence',
    applies: ({ index, config }) => index === 'another platform only' || config === 'os windows',
  },
  {
    why: 'Every client pulls it. Either the index or the configuration names the wrong platform, which shows when the container starts.',
    rule: 'false alarm',
    applies: ({ index }) => index === 'platform and config disagree',
  },
  {
    why: 'Clients send this request for a pull by digest. These are pulls by tag.',
    rule: 'wrong name',
    applies: ({ served, pulled }) => served === 'HEAD 404 by digest only' && pulled === undefined,
  },
  {
    why: 'Each version of containerd has its own words for a type that it does not know.',
    rule: 'wrong text',
    applies: ({ served = '', pulled }) =>
      served.startsWith('Content-Type text/plain') ||
      (served.startsWith('HEAD 404') && pulled === 'by digest'),
  },
  {
    why: 'Docker 20.10 looks for a platform before it meets the nested index, and says so.',
    rule: 'wrong text',
    applies: ({ index }) => index === 'nested, without platforms outside',
  },
]

/** True also where the type is the ordinary one. */
function isImageType(mediaType: string | undefined): boolean {
  return mediaType === undefined || /^application\/vnd\.(oci|docker)\./.test(mediaType)
}

/** Why regguard and the clients differ here; undefined where they should not. */
export function explanationOf(axes: Axes, { rule }: Disagreement): string | undefined {
  return known.find((each) => each.rule === rule && each.applies(axes))?.why
}

/** Every explanation, to find those that nothing needs any more. */
export const explanations: string[] = known.map(({ why }) => why)
