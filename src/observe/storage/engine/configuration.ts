import { parseDocument } from 'yaml'
import type { RegistryContainer } from '../../../facts/storage/registry-container.ts'
import type { EngineApi } from '../../runner/docker/api.ts'
import { fieldsOf, listOf } from '../../runner/docker/response.ts'

/** Where the official images of both generations have their configuration. */
const usualPaths = ['/etc/distribution/config.yml', '/etc/docker/registry/config.yml']
const maxConfig = 1024 * 1024

/**
 * The configuration file that a registry's container was started with, and what makes it a pull-through cache: a variable, which the
 * registry puts before its file, or `proxy.remoteurl` in the file. Nothing else of the file is kept, as it may hold secrets.
 */
export async function configurationOf(
  api: EngineApi,
  id: string,
  { Config, Args }: Record<string, unknown>,
): Promise<Pick<RegistryContainer, 'cache' | 'config'>> {
  const { Env, Cmd } = fieldsOf(Config)
  const texts = (value: unknown) => listOf(value).filter((one) => typeof one === 'string')
  const variables = new Map(
    texts(Env).map((one) => {
      const at = one.indexOf('=')
      return [one.slice(0, at), one.slice(at + 1)] as const
    }),
  )
  const given = variables.get('REGISTRY_PROXY_REMOTEURL')
  const named = [
    ...[...texts(Args), ...texts(Cmd)].filter((word) => /^\/.+\.(?:ya?ml|json)$/.test(word)),
    ...(variables.get('REGISTRY_CONFIGURATION_PATH') ?? '')
      .split('\n')
      .filter((path) => path.startsWith('/')),
  ]
  const byVariable = given !== undefined && given.trim() !== '' ? ({ cache: 'environment' } as const) : {}
  for (const path of named.length > 0 ? new Set(named) : usualPaths) {
    const found = await api.text(`/containers/${id}/archive?path=${encodeURIComponent(path)}`, {
      limit: maxConfig,
    })
    if (!found.ok) continue
    const isCache = given === undefined && hasRemote(contentOf(found.text))
    return { config: path, ...(isCache ? { cache: 'configuration' } : byVariable) }
  }
  return byVariable
}

/** The content of the only file in a tar archive, which follows a header of 512 bytes and is padded with zeros. */
function contentOf(archive: string): string {
  const [content = ''] = archive.slice(512).split('\0', 1)
  return content
}

function hasRemote(text: string): boolean {
  try {
    const { remoteurl } = fieldsOf(fieldsOf(parseDocument(text).toJS()).proxy)
    return typeof remoteurl === 'string' && remoteurl.trim() !== ''
  } catch {
    return false
  }
}
