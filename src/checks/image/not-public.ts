import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'not-public',
  group: 'image',
  title: 'the image can be pulled without a login, where required',
  fault: 'Not public: the image can be pulled with the login, but not without one.',
  severity: 'error',
  advice: 'Make the package public on the registry, or remove `also_anonymous`.',
  reads: ['image.anonymous'],
  run: ({ image }) =>
    image.repositories.flatMap(({ name, anonymous }) =>
      anonymous?.seen && anonymous.value.state === 'refused'
        ? [{ subject: name, message: anonymous.value.detail, repository: name }]
        : [],
    ),
})
