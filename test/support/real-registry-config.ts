/** Options of a registry. `config` is merged into the default configuration, section by section. */
export type RealRegistryOptions = {
  /** The program to run; default: Debian's registry 2.8. */
  program?: string
  /** The storage directory; default: a temporary one, removed at the end. */
  root?: string
  readonly?: boolean
  config?: Config
}

/** A registry configuration, or a section of one. */
export type Config = { [key: string]: Config | string | number | boolean | string[] }

/** Debian's default configuration of a registry, with deletion enabled. */
export function configFor(root: string, host: string, options: RealRegistryOptions): Config {
  const base: Config = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: root },
      delete: { enabled: true },
      cache: { blobdescriptor: 'inmemory' },
      ...(options.readonly && { maintenance: { readonly: { enabled: true } } }),
    },
    http: { addr: host },
  }
  return merge(base, options.config ?? {})
}

function merge(base: Config, over: Config): Config {
  const merged = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key]
    merged[key] = isSection(old) && isSection(value) ? merge(old, value) : value
  }
  return merged
}

function isSection(value: Config[string] | undefined): value is Config {
  return typeof value === 'object' && !Array.isArray(value)
}
