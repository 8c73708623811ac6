import { expect, test } from 'vitest'
import { reportSchema } from '../../../src/report/schema.ts'
import { clusterReport } from '../../support/cluster/cluster-reports.ts'
import { clusterWith, legs, nodeNames, viewOf, viewsOf } from '../../support/cluster/node-views.ts'
import { rendered } from '../rendered.ts'

const [own, other] = ['registry.example.com', 'ghcr.io']

/** Incident B, with the cluster DNS of one node gone as well. */
const views = viewsOf((node, kind) => [
  node === 'node-3' ? legs.timesOut(own) : legs.works(own),
  node === 'node-5' && kind === 'pod' ? legs.notFound(other) : legs.works(other, '198.51.100.4'),
])
  .filter(({ node, kind }) => !(node === 'node-7' && kind === 'pod'))
  .map((view) =>
    view.kind === 'pod'
      ? viewOf(view.node, 'pod', view.report?.legs ?? [], { mtu: 1450, resolvers: ['10.43.0.10'] })
      : view.node === 'node-3'
        ? viewOf(view.node, 'host', view.report?.legs ?? [], { resolvers: ['1.1.1.1'] })
        : view,
  )

/** The lines of the table. */
const tableOf = (log: string): string[] => {
  const lines = log.split('\n')
  const from = lines.findIndex((line) => line.includes('views of'))
  return lines.slice(from, lines.indexOf('', from))
}

test('a table of endpoints and nodes in groups that agree, and the way out once for each group', async () => {
  const { log } = await rendered(clusterReport(clusterWith(views)), 'plain')
  expect(
    tableOf(log).map((line) => line.replace(/within the last .*/, 'within the last …')),
  ).toMatchInlineSnapshot(`
    [
      "          views of 7 nodes on their own network, 6 nodes from pods · seen within the last …",
      "            ✗ endpoint  https://registry.example.com/v2/",
      "                network of the nodes  ✗ node-3: 203.0.113.7: connection to 203.0.113.7:443 timed out after 5 s",
      "                network of the nodes  ✓ node-1, node-2, node-4, node-5 and 2 more",
      "                pods                  ✗ node-3: 203.0.113.7: connection to 203.0.113.7:443 timed out after 5 s",
      "                pods                  ✓ node-1, node-2, node-4, node-5, node-6",
      "            ✗ endpoint  https://ghcr.io/v2/",
      "                network of the nodes  ✓ node-1, node-2, node-3, node-4 and 3 more",
      "                pods                  ✗ node-5: no configured DNS server resolves the name",
      "                pods                  ✓ node-1, node-2, node-3, node-4, node-6",
      "            nodes node-1, node-2, node-4, node-5 and 2 more: eth0 MTU 1500 · default route 10.0.0.1 · resolvers 10.0.0.53",
      "            nodes node-3: eth0 MTU 1500 · default route 10.0.0.1 · resolvers 1.1.1.1",
      "            pods of node-1, node-2, node-3, node-4 and 2 more: eth0 MTU 1450 · resolvers 10.43.0.10",
      "            ? pods of node-7: no probe runs there",
    ]
  `)
})

test('where all is well an endpoint is one line, and so is the way out', async () => {
  const report = clusterReport(clusterWith(viewsOf(() => [legs.works(own), legs.works(other)])))
  const { log } = await rendered(report, 'plain')
  expect(tableOf(log)).toHaveLength(5)
  expect(report.exitCode).toBe(0)
})

test('the report is as its schema has it, and keeps what compare needs', () => {
  const report = clusterReport(clusterWith(views))
  expect(reportSchema.parse(report)).toEqual(report)
  expect(report.cluster?.views?.seen).toHaveLength(13)
  expect(report.cluster?.views?.missing).toEqual([
    { node: 'node-7', kind: 'pod', why: 'no probe runs there' },
  ])
})

test('of very many nodes those are kept whole from which something fails, and the text does not grow', async () => {
  const many = Array.from({ length: 300 }, (_, at) =>
    viewOf(`n-${at}`, 'host', [at === 299 ? legs.timesOut(own) : legs.works(own)]),
  )
  const report = clusterReport(clusterWith(many))
  expect(report.cluster?.views?.seen).toHaveLength(100)
  expect(report.cluster?.views?.seen[0]?.node).toBe('n-299')
  const { log } = await rendered(report, 'plain')
  expect(tableOf(log).length).toBeLessThan(20)
  expect(log).toContain('n-0, n-1, n-2, n-3 and 295 more')
})

test('texts of a hostile probe do not reach the terminal as they are', async () => {
  const hostile = nodeNames.map((node) =>
    viewOf(node, 'host', [
      { ...legs.timesOut(own), url: 'https://x\u001b[31m/\n✓ ok' },
      ...(node === 'node-1' ? [legs.works(own)] : []),
    ]),
  )
  const { log } = await rendered(clusterReport(clusterWith(hostile)), 'plain')
  expect(log).not.toContain('\u001b[31m')
  expect(log).not.toMatch(/^✓ ok/m)
})
