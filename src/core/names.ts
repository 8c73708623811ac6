/** So many names of a list are told. */
const maxNames = 4

/** The first of some names, with how many there are besides. */
export const firstOf = (names: readonly string[], total = names.length): string => {
  const listed = names.slice(0, total > maxNames + 1 ? maxNames : maxNames + 1)
  const more = total - listed.length
  return `${listed.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
