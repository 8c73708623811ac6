/** One definition of the schema form that act and the Forgejo runner read: what a node may be. */
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

/** What every schema may refer to without defining it. */
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

/** What is wrong with a value, place by place, where a definition of the schema is expected; nothing, if it fits. */
export function actProblems(schema: ActSchema, definition: string, value: unknown): string[] {
  return problemsAt('', value, definition, [])

  function problemsAt(place: string, node: unknown, name: string, outer: string[]): string[] {
    const wanted = schema.definitions[name] ?? basic[name]
    if (wanted === undefined) return [`${place}: the schema does not define ${name}`]
    const context = [...outer, ...(wanted.context ?? [])]
    if (typeof node === 'string' && node.includes('${{')) {
      return [...node.matchAll(/\$\{\{(.*?)\}\}/gs)].flatMap(([, text = '']) =>
        unknownNames(place, text, context),
      )
    }
    if (wanted['one-of']) return oneOf(place, node, wanted['one-of'], context)
    if (wanted.mapping) return mapping(place, node, wanted.mapping, context)
    if (wanted.sequence) return sequence(place, node, wanted.sequence, context)
    return scalar(place, node, wanted, context)
  }

  function oneOf(place: string, node: unknown, names: string[], context: string[]): string[] {
    const tried = names.map((name) => problemsAt(place, node, name, context))
    // The attempt that came closest says what is wrong.
    return tried.toSorted((a, b) => a.length - b.length)[0] ?? []
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
      .map(([key]) => `${place}: lacks ${key}`)
    const wrong = Object.entries(node).flatMap(([key, inner]) => {
      const property = properties[key]
      const type = (typeof property === 'object' ? property.type : property) ?? loose
      const at = `${place}/${key}`
      return type === undefined ? [`${at}: is not known here`] : problemsAt(at, inner, type, context)
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

function scalar(place: string, node: unknown, wanted: Definition, context: string[]): string[] {
  if (typeof node === 'object' && node !== null) return [`${place}: must be a single value`]
  const text = String(node ?? '')
  const values = wanted['allowed-values']
  if (values) return values.includes(text) ? [] : [`${place}: must be one of ${values.join(', ')}`]
  if (wanted.number) return typeof node === 'number' ? [] : [`${place}: must be a number`]
  if (wanted.boolean) return typeof node === 'boolean' ? [] : [`${place}: must be true or false`]
  if (wanted.null) return node === null ? [] : [`${place}: must be empty`]
  const { constant, 'require-non-empty': full, 'is-expression': expression } = wanted.string ?? {}
  if (constant !== undefined && text !== constant) return [`${place}: must be ${constant}`]
  if (full && text === '') return [`${place}: must not be empty`]
  return expression ? unknownNames(place, text, context) : []
}

/** Names in an expression that mean nothing in this place: `needs` where no job can be waited for, and the like. */
function unknownNames(place: string, expression: string, context: string[]): string[] {
  const bare = expression.replaceAll(/'(?:[^']|'')*'/g, "''")
  const known = [...context.map((each) => each.replace(/\(.*/, '')), ...functions, ...literals]
  const names = [...bare.matchAll(/(?<![\w.-])[A-Za-z_][\w-]*/g)].map(([name]) => name)
  return names.filter((name) => !known.includes(name)).map((name) => `${place}: ${name} is not known here`)
}
