import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { parseAllDocuments, stringify } from 'yaml'

const deploy = new URL('../../deploy/', import.meta.url)
const chart = fileURLToPath(new URL('helm/regguard', deploy))
const values = fileURLToPath(new URL('kustomize/values.yaml', deploy))
const header = '# Generated from deploy/helm/regguard by npm run kustomize; do not edit.\n'

/** What the chart makes and an overlay of kustomize sets by itself, or what only Helm uses. */
const ofHelm = ['app.kubernetes.io/managed-by', 'app.kubernetes.io/version', 'helm.sh/chart']

interface KubernetesObject {
  kind: string
  metadata: { namespace?: string; labels: Record<string, string> }
}

/** The objects of the base and of the component for monitoring, by file below deploy/kustomize. */
export async function renderKustomize(helm: string): Promise<Map<string, string>> {
  const { stdout } = await execa(helm, ['template', 'regguard', chart, '--values', values])
  const objects = parseAllDocuments(stdout)
    .map((document): KubernetesObject | null => document.toJS())
    .filter((object) => object !== null)
  return new Map(objects.map((object) => [fileOf(object), header + textOf(object)]))
}

const monitoring = new Set(['ServiceMonitor', 'PrometheusRule', 'ConfigMap'])

const fileOf = ({ kind }: KubernetesObject): string =>
  `${monitoring.has(kind) ? 'monitoring' : 'base'}/${kind.toLowerCase()}.yaml`

function textOf(object: KubernetesObject): string {
  const { namespace: _, labels, ...metadata } = object.metadata
  const kept = Object.entries(labels).filter(([name]) => !ofHelm.includes(name))
  return stringify(
    { ...object, metadata: { ...metadata, labels: Object.fromEntries(kept) } },
    { lineWidth: 0 },
  )
}
