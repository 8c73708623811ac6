/** The fields of a JSON object that Go decodes into a struct, by the names in its tags; other keys are ignored. */
type Struct = { [name: string]: 'value' | 'list' | Struct | [Struct] }

type Fields = Record<string, unknown>

const platform: Struct = {
  ...{ architecture: 'value', os: 'value', 'os.version': 'value', variant: 'value' },
  'os.features': 'list',
}
const descriptor: Struct = {
  ...{ mediaType: 'value', digest: 'value', size: 'value', annotations: 'value', artifactType: 'value' },
  urls: 'list',
  platform,
}
/** Every field of a manifest that is read, of whatever kind it is. */
const manifest: Struct = {
  ...{ schemaVersion: 'value', mediaType: 'value', artifactType: 'value', annotations: 'value' },
  ...{ config: descriptor, subject: descriptor },
  ...{ layers: [descriptor], manifests: [descriptor], blobs: [descriptor] },
  fsLayers: [{ blobSum: 'value' }],
}

/**
 * The fields of a manifest as Go's `encoding/json` finds them: a key in another case names the same field; of keys that name the same one,
 * the last counts, and objects and lists are decoded over what was there before.
 */
export const manifestFields = (parsed: Fields): Fields => decode(parsed, manifest)

function decode(from: Fields, struct: Struct, known: unknown = undefined): Fields {
  const into: Fields = isFields(known) ? { ...known } : {}
  for (const [key, value] of Object.entries(from)) {
    const name = Object.hasOwn(struct, key) ? key : namesOf(struct).get(folded(key))
    const kind = name === undefined ? undefined : struct[name]
    if (name === undefined || kind === undefined) continue
    // Null leaves a field as it is, and empties a list.
    const isList = kind === 'list' || Array.isArray(kind)
    if (value !== null || isList || !Object.hasOwn(into, name)) into[name] = decoded(value, kind, into[name])
  }
  return into
}

function decoded(value: unknown, kind: Struct[string], known: unknown): unknown {
  if (typeof kind === 'string') return value
  if (!Array.isArray(kind)) return isFields(value) ? decode(value, kind, known) : value
  if (!Array.isArray(value)) return value
  const before: unknown[] = Array.isArray(known) ? known : []
  return value.map((item, at) => (isFields(item) ? decode(item, kind[0], before[at]) : item))
}

/** Two letters outside of ASCII are variants of `s` and `k` to Go; that of `k` is one in Unicode's lower case as well. */
const folded = (key: string): string => key.toLowerCase().replaceAll('\u017f', 's')

const known = new WeakMap<Struct, Map<string, string>>()
function namesOf(struct: Struct): Map<string, string> {
  const names = known.get(struct) ?? new Map(Object.keys(struct).map((name) => [folded(name), name]))
  known.set(struct, names)
  return names
}

/** Whether a JSON value is an object. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
