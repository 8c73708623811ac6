import type { Severity } from '../../core/finding.ts'
import type { RefusalId } from './refusals.ts'

/** The layer types that all clients unpack: OCI image-spec v1.1 (layer.md) and Docker image manifest v2, schema 2. */
const supported = new Set([
  'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.oci.image.layer.v1.tar+gzip',
  'application/vnd.oci.image.layer.v1.tar+zstd',
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.diff.tar',
  'application/vnd.docker.image.rootfs.diff.tar.gzip',
  'application/vnd.docker.image.rootfs.foreign.diff.tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
])

/** Types of layers and configurations that Docker's classic store reads whatever they are (moby, daemon/internal/distribution/registry.go). */
export const genericTypes: ReadonlySet<string> = new Set([
  '',
  'application/octet-stream',
  'application/json',
  'text/html',
])

/** What refuses a layer for its media type, and how severe that is. */
export interface LayerRefusal {
  id: RefusalId
  severity: Severity
}

/**
 * What refuses a layer for its media type; undefined if every client unpacks it. containerd takes only layer types for layers, and
 * does not unpack suffixes that it does not know, so that only an uncompressed layer is read (core/images/mediatypes.go).
 */
export function layerRefusal(mediaType: string): LayerRefusal | undefined {
  // Nydus images are pulled by a snapshotter of their own.
  if (supported.has(mediaType) || mediaType.includes('.nydus.')) return undefined
  if (mediaType === 'application/vnd.docker.image.rootfs.diff.tar.zstd')
    return { id: 'layer-docker-zstd', severity: 'warning' }
  if (mediaType.endsWith('+encrypted')) return { id: 'layer-encrypted', severity: 'note' }
  if (/^application\/vnd\.(?:oci\.image\.layer|docker\.image\.rootfs)\./.test(mediaType))
    return { id: 'layer-suffix', severity: 'warning' }
  return { id: genericTypes.has(mediaType) ? 'layer-generic' : 'layer-foreign', severity: 'error' }
}
