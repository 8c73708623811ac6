import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'mirror-config-invalid',
  group: 'path',
  title: 'the configuration of mirrors is valid',
  fault: 'Invalid mirror configuration: the runtime does not use it as it was meant.',
  severity: 'error',
  advice: 'Correct the file at the key or line that is named, and let the runtime read it again.',
  reads: ['path.mirrors'],
  run: ({ path: { mirrors } }) => {
    const invalid = (mirrors?.ignored ?? [])
      .filter((one) => one.invalid)
      .map(({ file, key, message }) => ({
        ...{ file, message: `${message}. Runtimes ignore the whole file and ask the registry directly` },
        ...(key === undefined ? {} : { key }),
      }))
    const each = new Map(
      [...(mirrors?.problems ?? []), ...invalid].map((one) => [`${one.file} ${one.key} ${one.message}`, one]),
    )
    return [...each.values()].map(({ file, key, message }) => ({
      subject: file,
      message: `${key === undefined ? 'it' : key} ${message}`,
    }))
  },
})
