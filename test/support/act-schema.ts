/** One definition in the schema format of act and the Forgejo runner: what a node may be. */
type Definition = {
  context?: string[]
  'one-of'?: string[]
  mapping?: {
    properties?: Record<string, string | { type: string; required?: boolean }>
    'loose-value-type'?: string
  }
  sequence?: { 'item-type'?: string }
  string?: { constant?: string; 'require-non-empty'?: boolean; 'is-expression'?: boolean }
  'allowed-values'?: string[]
  number?: object
  boolean?: object
  null?: object
}

export type ActSchema = { definitions: Record<string, Definition> }

/** Definitions that every schema may use without defining them. */
const basic: Record<string, Definition> = {
  any: { 'one-of': ['string', 'number', 'boolean', 'null', 'sequence', 'mapping'] },
  string: { string: {} },
  number: { number: {} },
  boolean: { boolean: {} },
  null: { null: {} },
  sequence: { sequence: {} },
  mapping: { mapping: { 'loose-value-type': 'any' } },
}
const functions = [
  'contains',
  'endsWith',
  'format',
  'join',
  'startsWith',
  'toJson',
  'fromJson',
  'toJSON',
  'fromJSON',
]
const literals = ['true', 'false', 'null']

/** The problems of a value that should match a definition of the schema, each with its place; empty if it matches. */
export function actProblems(schema: ActSchema, definition: string, value: unknown): string[] {
  return problemsAt('', value, definition, [])

  function problemsAt(place: string, node: unknown, name: string, outer: string[]): string[] {
    const expected = schema.definitions[name] ?? basic[name]
    if (expected === undefined) return [`${place}: the schema does not define ${name}`]
    const context = [...outer, ...(expected.context ?? [])]
    if (typeof node === 'string' && node.includes('${{')) {
      return [...node.matchAll(/\$\{\{(.*?)\}\}/gs)].flatMap(([, text = '']) =>
        unknownNames(place, text, context),
      )
    }
    if (expected['one-of']) return oneOf(place, node, expected['one-of'], context)
    if (expected.mapping) return mapping(place, node, expected.mapping, context)
    if (expected.sequence) return sequence(place, node, expected.sequence, context)
    return scalar(place, node, expected, context)
  }

  function oneOf(place: string, node: unknown, names: string[], context: string[]): string[] {
    const attempts = names.map((name) => problemsAt(place, node, name, context))
    // Report the problems of the closest alternative.
    return attempts.toSorted((a, b) => a.length - b.length)[0] ?? []
  }

  function mapping(
    place: string,
    node: unknown,
    { properties = {}, 'loose-value-type': loose }: NonNullable<Definition['mapping']>,
    context: string[],
  ): string[] {
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return [`${place}: must be a map`]
    const missing = Object.entries(properties)
      .filter(([key, property]) => typeof property === 'object' && property.required && !(key in node))
      .map(([key]) => `${place}: missing ${key}`)
    const wrong = Object.entries(node).flatMap(([key, inner]) => {
      const property = properties[key]
      const type = (typeof property === 'object' ? property.type : property) ?? loose
      const at = `${place}/${key}`
      return type === undefined ? [`${at}: unknown here`] : problemsAt(at, inner, type, context)
    })
    return [...missing, ...wrong]
  }

  function sequence(
    place: string,
    node: unknown,
    { 'item-type': type = 'any' },
    context: string[],
  ): string[] {
    if (!Array.isArray(node)) return [`${place}: must be a list`]
    return node.flatMap((item, position) => problemsAt(`${place}/${position}`, item, type, context))
  }
}

function scalar(place: string, node: unknown, expected: Definition, context: string[]): string[] {
  if (typeof node === 'object' && node !== null) return [`${place}: must be a single value`]
  const text = String(node ?? '')
  const values = expected['allowed-values']
  if (values) return values.includes(text) ? [] : [`${place}: must be one of ${values.join(', ')}`]
  if (expected.number) return typeof node === 'number' ? [] : [`${place}: must be a number`]
  if (expected.boolean) return typeof node === 'boolean' ? [] : [`${place}: must be true or false`]
  if (expected.null) return node === null ? [] : [`${place}: must be empty`]
  const { constant, 'require-non-empty': full, 'is-expression': expression } = expected.string ?? {}
  if (constant !== undefined && text !== constant) return [`${place}: must be ${constant}`]
  if (full && text === '') return [`${place}: must not be empty`]
  return expression ? unknownNames(place, text, context) : []
}

/** Names in an expression that are not defined at this place, such as `needs` outside a job. */
function unknownNames(place: string, expression: string, context: string[]): string[] {
  const withoutStrings = expression.replaceAll(/'(?:[^']|'')*'/g, "''")
  const known = [...context.map((each) => each.replace(/\(.*/, '')), ...functions, ...literals]
  const names = [...withoutStrings.matchAll(/(?<![\w.-])[A-Za-z_][\w-]*/g)].map(([name]) => name)
  return names.filter((name) => !known.includes(name)).map((name) => `${place}: ${name} is unknown here`)
}
