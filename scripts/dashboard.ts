/** A panel as it is written here; the rest is the same for all of a kind. */
interface Panel {
  title: string
  about?: string
  kind: 'stat' | 'timeseries' | 'table'
  width: number
  height: number
  queries: [expr: string, legend?: string][]
  unit?: string
  /** From this value on, a stat is red. */
  redFrom?: number
  stacked?: boolean
  /** What the numbers of a table count. */
  counts?: string
}

const registry = 'registry=~"$registry"'

/** What each part of the dashboard shows, from left to right. */
const rows: { title: string; panels: Panel[] }[] = [
  {
    title: 'Now',
    panels: [
      stat('Broken', `sum(regguard_probe_findings{${registry},severity="error"})`, { redFrom: 1 }),
      stat('Not inspected', `sum(regguard_probe_unknown{${registry}})`, { redFrom: 1 }),
      stat('Accepted', `sum(regguard_probe_accepted_findings{${registry}})`, {}),
      stat(
        'Last successful run',
        `time() - min(max by (registry, shard) (max_over_time(regguard_probe_last_success_timestamp_seconds{${registry}}[1d])) > 0)`,
        { unit: 's', redFrom: 3600 },
      ),
      stat('Oldest proof', `time() - min(regguard_probe_oldest_proof_timestamp_seconds{${registry}})`, {
        unit: 's',
        redFrom: 12 * 3600,
      }),
      stat(
        'Catalogs that do not answer',
        `sum(registry_manifest_integrity_catalog_accessible{${registry}} == bool 0)`,
        { redFrom: 1 },
      ),
    ],
  },
  {
    title: 'Images',
    panels: [
      {
        ...{ title: 'Findings', kind: 'timeseries', width: 12, height: 8, stacked: true },
        about:
          'Faults that were seen twice and are not accepted. A gap: the registry could not be inspected.',
        queries: [
          [`sum by (registry, class) (regguard_probe_findings{${registry}}) > 0`, '{{registry}} {{class}}'],
        ],
      },
      {
        ...{ title: 'Broken repositories', kind: 'table', width: 12, height: 8 },
        about: 'At most 200. Tags and digests are in /findings of the watch.',
        queries: [[`max by (registry, repository, class) (regguard_probe_broken_repository{${registry}})`]],
      },
      {
        ...{ title: 'Objects by state', kind: 'timeseries', width: 12, height: 8, stacked: true },
        about:
          'proven: its data was read within twice the time of reprove. stale: longest ago. unproven: never.',
        queries: [[`sum by (state) (regguard_probe_objects{${registry}})`, '{{state}}']],
      },
      {
        ...{ title: 'Not inspected, by reason', kind: 'timeseries', width: 12, height: 8, stacked: true },
        queries: [
          [`sum by (registry, reason) (regguard_probe_unknown{${registry}}) > 0`, '{{registry}} {{reason}}'],
        ],
      },
      {
        ...{ title: 'Tags, repositories and indexes', kind: 'timeseries', width: 24, height: 6 },
        queries: [
          [
            `sum by (registry) (registry_manifest_integrity_repos_checked{${registry}})`,
            '{{registry}} repositories',
          ],
          [`sum by (registry) (registry_manifest_integrity_tags_checked{${registry}})`, '{{registry}} tags'],
          [
            `sum by (registry) (registry_manifest_integrity_indexes_checked{${registry}})`,
            '{{registry}} indexes',
          ],
        ],
      },
    ],
  },
  {
    title: 'The watch',
    panels: [
      {
        ...{ title: 'Duration of runs', kind: 'timeseries', width: 8, height: 8, unit: 's' },
        queries: [
          [
            `max by (registry, shard) (regguard_probe_run_duration_seconds{${registry}})`,
            '{{registry}} {{shard}}',
          ],
        ],
      },
      {
        ...{ title: 'Runs by outcome, in an hour', kind: 'timeseries', width: 8, height: 8, stacked: true },
        queries: [
          [`sum by (outcome) (increase(regguard_probe_runs_total{${registry}}[1h]))`, '{{outcome}}'],
          [
            `sum by (reason) (increase(regguard_probe_skipped_runs_total{${registry}}[1h])) > 0`,
            'skipped: {{reason}}',
          ],
        ],
      },
      {
        ...{
          title: 'Requests by status',
          kind: 'timeseries',
          width: 8,
          height: 8,
          unit: 'reqps',
          stacked: true,
        },
        queries: [
          [
            `sum by (code_class) (rate(regguard_probe_requests_total{${registry}}[$__rate_interval]))`,
            '{{code_class}}',
          ],
        ],
      },
      {
        ...{ title: 'Phases of requests', kind: 'timeseries', width: 12, height: 8, unit: 's' },
        about: 'The mean of the last run.',
        queries: [[`avg by (leg, phase) (regguard_probe_phase_seconds{${registry}})`, '{{leg}} {{phase}}']],
      },
      {
        ...{ title: 'Data read', kind: 'timeseries', width: 12, height: 8, unit: 'Bps' },
        queries: [
          [
            `sum by (registry) (rate(regguard_probe_bytes_read_total{${registry}}[$__rate_interval]))`,
            '{{registry}}',
          ],
        ],
      },
    ],
  },
  {
    title: 'Storage (mode: scan)',
    panels: [
      {
        ...{ title: 'Findings of the last scan', kind: 'timeseries', width: 12, height: 8, stacked: true },
        queries: [
          ['sum by (storage, id) (regguard_storage_findings{severity!="note"}) > 0', '{{storage}} {{id}}'],
        ],
      },
      {
        ...{
          title: 'What the next garbage collection would break',
          kind: 'timeseries',
          width: 12,
          height: 8,
        },
        queries: [
          [
            'max by (storage, gc, delete_untagged) (regguard_storage_forecast_broken_images)',
            '{{storage}} version {{gc}}, delete_untagged: {{delete_untagged}}',
          ],
        ],
      },
    ],
  },
  {
    title: 'Cluster (mode: cluster)',
    panels: [
      {
        ...{
          title: 'Failing pulls, by who has to act',
          kind: 'timeseries',
          width: 12,
          height: 8,
          stacked: true,
        },
        about: 'Images and causes that pods wait for. A gap: the cluster could not be read.',
        queries: [
          ['max by (cluster, who) (regguard_cluster_failing_pulls) > 0', '{{cluster}} {{who}}'],
          ['max by (cluster) (regguard_cluster_stuck_pulls) > 0', '{{cluster}} stuck'],
        ],
      },
      {
        ...{ title: 'Images that cannot be pulled', kind: 'table', width: 12, height: 8, counts: 'nodes' },
        about: 'At most 200. regguard-plugin cluster names the nodes.',
        queries: [['max by (cluster, image, host, leg, phase, kind) (regguard_cluster_failing_nodes)']],
      },
      {
        ...{ title: 'Nodes from which an endpoint fails', kind: 'timeseries', width: 8, height: 8 },
        about: 'With nodes: from the network of the node (host) and from pods.',
        queries: [
          [
            'max by (cluster, url, view) (regguard_cluster_endpoint_failing_nodes) > 0',
            '{{cluster}} {{url}} {{view}}',
          ],
        ],
      },
      {
        ...{ title: 'Images not whole in a mirror', kind: 'timeseries', width: 8, height: 8, stacked: true },
        about: 'With mirror_coverage. unknown: a pull-through cache, which is not asked.',
        queries: [
          [
            'max by (cluster, registry, mirror, state) (regguard_cluster_mirror_images{state!="whole"}) > 0',
            '{{cluster}} {{registry}} in {{mirror}}: {{state}}',
          ],
        ],
      },
      {
        ...{ title: 'Time since the cluster was read', kind: 'timeseries', width: 8, height: 8, unit: 's' },
        queries: [
          [
            'time() - (max by (cluster) (max_over_time(regguard_cluster_last_success_timestamp_seconds[1d])) > 0)',
            '{{cluster}}',
          ],
        ],
      },
    ],
  },
]

/** The Grafana dashboard for the metrics of the watch, the scan and the check of a cluster. */
export function dashboard(): object {
  return {
    uid: 'regguard-registries',
    title: 'Registries (regguard)',
    tags: ['regguard', 'registry'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '1m',
    time: { from: 'now-24h', to: 'now' },
    timezone: '',
    templating: { list: variables },
    annotations: { list: [] },
    links: [],
    panels: panels(),
  }
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana.
const datasource = { type: 'prometheus', uid: '${datasource}' }

const variables = [
  { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', hide: 0 },
  {
    ...{ name: 'registry', label: 'Registry', type: 'query', datasource, hide: 0 },
    query: 'label_values(regguard_probe_last_success_timestamp_seconds, registry)',
    ...{ multi: true, includeAll: true, allValue: '.*', refresh: 2, sort: 1 },
    current: { text: 'All', value: '$__all' },
  },
]

function panels(): object[] {
  let [id, y] = [0, 0]
  return rows.flatMap(({ title, panels }) => {
    const row = {
      id: ++id,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y: y++, w: 24, h: 1 },
    }
    let [x, height] = [0, 0]
    const placed = panels.map((panel) => {
      if (x + panel.width > 24) [x, y, height] = [0, y + height, 0]
      const gridPos = { x, y, w: panel.width, h: panel.height }
      x += panel.width
      height = Math.max(height, panel.height)
      return { id: ++id, ...panelOf(panel), gridPos }
    })
    y += height
    return [row, ...placed]
  })
}

function panelOf(panel: Panel): object {
  const { title, about, kind, queries, unit = 'short', redFrom, stacked = false, counts = 'findings' } = panel
  const steps = [
    { color: 'green', value: null },
    ...(redFrom === undefined ? [] : [{ color: 'red', value: redFrom }]),
  ]
  const custom = {
    lineWidth: 1,
    fillOpacity: stacked ? 20 : 0,
    stacking: { mode: stacked ? 'normal' : 'none' },
  }
  return {
    title,
    ...(about === undefined ? {} : { description: about }),
    type: kind,
    datasource,
    targets: queries.map(([expr, legend = ''], at) => ({
      ...{ refId: String.fromCharCode(65 + at), datasource, expr, legendFormat: legend },
      ...(kind === 'timeseries' ? { range: true } : { instant: true }),
      ...(kind === 'table' ? { format: 'table' } : {}),
    })),
    fieldConfig: {
      defaults: {
        ...{ unit, noValue: '–', thresholds: { mode: 'absolute', steps } },
        ...(kind === 'timeseries' ? { custom } : {}),
      },
      overrides: [],
    },
    options: optionsOf[kind],
    ...(kind === 'table'
      ? {
          transformations: [
            {
              id: 'organize',
              options: { excludeByName: { Time: true }, renameByName: { Value: counts } },
            },
          ],
        }
      : {}),
  }
}

const optionsOf: Record<Panel['kind'], object> = {
  stat: {
    colorMode: 'value',
    graphMode: 'area',
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
  },
  timeseries: {
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  table: { showHeader: true },
}

function stat(title: string, expr: string, more: Pick<Panel, 'unit' | 'redFrom'>): Panel {
  return { title, kind: 'stat', width: 4, height: 4, queries: [[expr]], ...more }
}
