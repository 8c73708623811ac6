import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { addMaskLines } from '../../src/log/add-mask.ts'
import { createMask } from '../../src/log/mask.ts'
import { stripColour } from '../../src/log/text.ts'
import { PLATFORMS, testLogger } from './logger.ts'

describe('add-mask commands', () => {
  test.each([
    ['plain', 'hunter2!', []],
    ['woodpecker', 'hunter2!', []],
    ['github', 'a%b\nsecond line', ['::add-mask::second line']],
    ['github', '50%off', ['::add-mask::50%25off']],
    ['forgejo', '50%off', ['::add-mask::50%off']],
    ['forgejo', '50%0Aoff', ['::add-mask::50%0Aoff', '::add-mask::50%250Aoff']],
    ['gitea', 'line one\r\nline two', ['::add-mask::line one', '::add-mask::line two']],
    ['forgejo', 'left::right:::tail', ['::add-mask::left', '::add-mask::right', '::add-mask::tail']],
    ['forgejo', ':start', ['::add-mask::start']],
    ['forgejo', 'with\u0000null', ['::add-mask::with', '::add-mask::null']],
    ['github', 'abc', []],
    ['forgejo', '', []],
  ] as const)('%s, %j', (platform, secret, lines) => {
    expect(addMaskLines(secret, platform)).toEqual(lines)
  })

  test('are written at any log level, before anything else', () => {
    const { core, text } = testLogger('forgejo', { level: 'silent' })
    core.setSecret('hunter2!')
    expect(text()).toBe('::add-mask::hunter2!\n')
  })

  test.each(['plain', 'woodpecker'] as const)(
    'are not written on %s, which would show the secret',
    (platform) => {
      const { core, text } = testLogger(platform, { level: 'debug' })
      core.setSecret('hunter2!')
      expect(text()).toBe('')
    },
  )
})

describe.each(PLATFORMS)('on %s a secret is masked', (platform) => {
  const secret = 'hun"ter 2!'
  const forms = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret),
    Buffer.from(`u:${secret}`).toString('base64'),
  ]

  test.each([false, true])('in every kind of line and in files (colour: %s)', async (colour) => {
    const mask = createMask()
    mask.add(secret)
    const env = { GITHUB_OUTPUT: '/out', GITHUB_STEP_SUMMARY: '/summary' }
    const { core, text, files } = testLogger(platform, { level: 'debug', mask, colour, env })
    for (const form of [...forms, 'hun"\u001b[1mter 2!', 'hun"t\u001b[0mer\u001b[0m 2!']) {
      core.debug(form)
      core.info(form)
      core.notice(form, { title: form, file: form })
      core.warning(form)
      core.error(new Error(form))
      core.startGroup(form)
      core.startGroup(form)
      core.setOutput('o', form)
      core.setOutput('p', { form })
      core.summary.addHeading(form).addRaw(form).addLink(form, `https://x.org/${form}`)
    }
    await core.summary.write()
    const everything = stripColour([text(), ...files.values()].join(''))
    for (const form of forms) expect(everything).not.toContain(form)
    expect(everything).not.toContain('ter 2!')
    expect(everything).toContain('********')
  })
})
