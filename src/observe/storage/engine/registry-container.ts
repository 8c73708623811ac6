import type { Area } from '../../../core/observed.ts'
import { type ImageAbout, registryVersion } from '../../../facts/queries/storage/registry-image.ts'
import type { RegistryContainer } from '../../../facts/storage/registry-container.ts'
import type { EngineApi } from '../../runner/docker/api.ts'
import { fieldsOf, listOf, shortText } from '../../runner/docker/response.ts'
import { ownContainerId } from '../../runner/docker/self.ts'
import type { HostAccess } from '../../runner/host-access.ts'
import { configurationOf } from './configuration.ts'

/** So many containers are inspected before the search ends. */
const maxContainers = 2000

/** A folder of the host or a volume that is mounted into a container. */
interface Mount {
  /** The folder on the host. */
  source: string
  destination: string
}

/**
 * Finds the running container whose data is in `root`: the one into which the same folder of the host is mounted. In a container,
 * `root` is a path of that container, so its own mounts lead to the host's.
 */
export async function observeRegistryContainer(
  api: EngineApi,
  access: HostAccess,
  root: string,
): Promise<Area<RegistryContainer>> {
  const listed = await api.get('/containers/json', { limit: 32 * 1024 * 1024, timeoutMs: 10_000 })
  if (!listed.ok) return unseen(listed.why)
  const own = await ownContainerId(access)
  const containers = listOf(listed.value).slice(0, maxContainers).map(fieldsOf)
  const self = containers.find(({ Id }) => Id === own)
  const folder = self ? hostFolder(mountsOf(self), root) : root
  if (folder === undefined) return unseen(`${root} is not mounted from the host`, false)
  const [found, ...more] = containers.filter(
    (container) => container !== self && mountsOf(container).some((mount) => holds(mount, folder)),
  )
  if (!found) return unseen(`no running container has ${folder} mounted`, false)
  if (more.length > 0)
    return unseen(
      `${more.length + 1} running containers have ${folder} mounted, so it is not clear which is the registry`,
      false,
    )
  return describe(api, shortText(found.Id) ?? '')
}

const unseen = (why: string, applies = true): Area<RegistryContainer> => ({
  ...{ seen: false, why, remedies: [], applies },
})

const mountsOf = (container: Record<string, unknown>): Mount[] =>
  listOf(container.Mounts).flatMap((entry) => {
    const { Source, Destination } = fieldsOf(entry)
    const [source, destination] = [shortText(Source), shortText(Destination)]
    return source === undefined || destination === undefined ? [] : [{ source, destination }]
  })

/** The folder of the host behind a path of a container; undefined if the path is in the container's own file system. */
function hostFolder(mounts: Mount[], path: string): string | undefined {
  const [nearest] = mounts
    .filter(({ destination }) => isWithin(path, destination))
    .sort((a, b) => b.destination.length - a.destination.length)
  return nearest && `${nearest.source}${path.slice(trimmed(nearest.destination).length)}`.replace(/\/+$/, '')
}

/** Whether a container keeps its data there: the folder is mounted, or one above it, but not the whole file system of the host. */
const holds = ({ source }: Mount, folder: string): boolean => source !== '/' && isWithin(folder, source)

const isWithin = (path: string, folder: string): boolean =>
  `${trimmed(path)}/`.startsWith(`${trimmed(folder)}/`)
const trimmed = (path: string): string => path.replace(/\/+$/, '')

async function describe(api: EngineApi, id: string): Promise<Area<RegistryContainer>> {
  const response = await api.get(`/containers/${id}/json`)
  if (!response.ok) return unseen(response.why)
  const container = fieldsOf(response.value)
  const { Name, Image, Config } = container
  const image = shortText(fieldsOf(Config).Image)
  const imageId = shortText(Image)
  if (image === undefined || imageId === undefined)
    return unseen(`GET /containers/${id.slice(0, 12)}: the response names no image`)
  const own = await readImage(api, imageId)
  const version = registryVersion(image, own ?? { labels: {}, history: [] })
  const now = await readImage(api, image)
  const isReplaced = now !== undefined && now.id !== imageId
  const configuration = await configurationOf(api, id, container)
  const next = isReplaced ? registryVersion('', now)?.text : undefined
  return {
    seen: true,
    from: 'the container engine',
    value: {
      name: (shortText(Name) ?? id.slice(0, 12)).replace(/^\//, ''),
      image,
      ...(version ? { version } : {}),
      ...configuration,
      ...(isReplaced ? { replacedBy: next === undefined ? {} : { version: next } } : {}),
    },
  }
}

/** What the engine knows of an image; undefined if it has none of that name. */
async function readImage(api: EngineApi, name: string): Promise<(ImageAbout & { id: string }) | undefined> {
  const about = await api.get(`/images/${encodeURIComponent(name)}/json`)
  if (!about.ok) return undefined
  const { Id, Config } = fieldsOf(about.value)
  const history = await api.get(`/images/${encodeURIComponent(name)}/history`)
  return {
    id: shortText(Id) ?? '',
    labels: fieldsOf(fieldsOf(Config).Labels),
    history: history.ok
      ? listOf(history.value).flatMap((step) => {
          const { CreatedBy } = fieldsOf(step)
          return typeof CreatedBy === 'string' ? [CreatedBy] : []
        })
      : [],
  }
}
