import { describe, expect, test } from 'vitest'
import { parsePull } from '../../../src/facts/cluster/messages/parse.ts'
import { expectedOf } from '../../clients/messages/faults.ts'
import recorded from '../../support/cluster/runtime-messages.json' with { type: 'json' }

/** Made by test/clients/messages, with the programs that are named. */
const runtimes: Record<string, { version: string; messages: Record<string, string> }> = recorded

describe.each(Object.entries(runtimes))('messages that %s printed', (id, { version, messages }) => {
  test.each(Object.entries(messages))(`${version}, %s`, (host, message) => {
    const wanted = expectedOf(id, host)
    expect({ ...parsePull(message, `${host}/team/app:1`).error, text: message }).toMatchObject(wanted ?? {})
    expect(wanted).toBeDefined()
  })
})
