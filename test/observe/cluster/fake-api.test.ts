import { afterEach, expect, test } from 'vitest'
import { startFakeApi } from '../../support/cluster/fake-api.ts'
import { questions, recordedCluster } from '../../support/cluster/questions.ts'
import { recorded, shapeOf } from '../../support/cluster/recording.ts'

let close = async () => {}
afterEach(() => close())

const { nodes, pods, events, releases } = recordedCluster
const helm = 'helm.toolkit.fluxcd.io'

test.each(recorded())(
  'the API server of the tests answers as the recorded one: $what',
  async ({ what, as, path, ...answer }) => {
    const question = questions.find((one) => one.what === what)
    const server = await startFakeApi({
      lists: {
        ...{ '/api/v1/nodes': nodes, '/api/v1/pods': pods, '/api/v1/events': events },
        [`/apis/${helm}/v2/helmreleases`]: releases,
        [`/apis/${helm}/v2beta2/helmreleases`]: releases,
      },
      groups: { [helm]: ['v2', 'v2beta2'] },
      ...(as === 'wrong token' ? { token: 'right' } : {}),
      forbids: () => as === 'ci',
      ...(question?.isForgotten ? { expires: 1 } : {}),
    })
    close = server.close
    const ask = async (url: string) => {
      const response = await fetch(`${server.url}${url}`)
      const text = await response.text()
      const [status, headers] = [response.status, Object.fromEntries(response.headers)]
      return { status, headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined }
    }
    const place = (await question?.before?.({ ask }, undefined)) ?? ''
    const { status, headers, text, body } = await ask(path.replace('PLACE', place))
    expect({
      status,
      contentType: headers['content-type'],
      ...(headers['retry-after'] === undefined ? {} : { retryAfter: headers['retry-after'] }),
      body: body === undefined ? text : shapeOf(body),
    }).toEqual(answer)
  },
)
