import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { renderKustomize } from './kustomize/render.ts'

/** Writes the objects of deploy/kustomize from the chart. `npm run kustomize`, with Helm on the PATH or in HELM. */
const folder = new URL('../deploy/kustomize/', import.meta.url)
for (const [name, text] of await renderKustomize(process.env.HELM ?? 'helm')) {
  const file = new URL(name, folder).pathname
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
