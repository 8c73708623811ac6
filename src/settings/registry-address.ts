/** The message for what is no address of a registry. */
export const registryAddressRule =
  'must be a host or an http(s) URL, such as registry.example.com:5000 or https://registry.example.com'

const host = /^(?:\[[\da-f:.]+\]|\w(?:[\w.-]*\w)?\.?)(?::(\d{1,5}))?$/i

/** Whether a text can be the address of a registry: a host, with or without a port, a scheme, a login and a path. */
export function isRegistryAddress(text: string): boolean {
  const written = text
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/, '')
    .replace(/^.*@/, '')
  const found = host.exec(written)
  return found !== null && Number(found[1] ?? 1) <= 65_535 && URL.canParse(`https://${written}/`)
}

/** The same for an item of a list in which `true` stands for all registries. */
export const isRegistryOrBoolean = (text: string): boolean =>
  /^(?:true|false|1|0|yes|no|on|off)$/i.test(text) || isRegistryAddress(text)
