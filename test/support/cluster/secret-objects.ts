/** An ExternalSecret as the API gives it. */
export const externalSecret = (
  name: string,
  status: 'True' | 'False',
  { namespace = 'shop', target }: { namespace?: string; target?: string } = {},
) => ({
  metadata: { name, namespace },
  spec: { ...(target === undefined ? {} : { target: { name: target } }) },
  status: {
    refreshTime: '2026-11-27T06:00:00Z',
    conditions: [
      {
        type: 'Ready',
        status,
        reason: status === 'True' ? 'SecretSynced' : 'SecretSyncedError',
        message: status === 'True' ? 'secret synced' : 'could not get secret data from provider',
      },
    ],
  },
})

/** The event that alone has the reason. */
export const updateFailed = (name: string, message: string, namespace = 'shop') => ({
  metadata: { name: `${name}.1`, namespace, creationTimestamp: '2026-11-29T08:00:00Z' },
  involvedObject: { kind: 'ExternalSecret', namespace, name, uid: `uid-${name}` },
  ...{ reason: 'UpdateFailed', message, count: 4, type: 'Warning' },
  ...{ firstTimestamp: '2026-11-29T07:00:00Z', lastTimestamp: '2026-11-29T08:00:00Z' },
})
