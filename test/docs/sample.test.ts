import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { sampleRequests } from '../support/sample-requests.ts'

it('the sample log is what our own generator makes', async () => {
  const path = fileURLToPath(new URL('../../workloads/samples/requests.csv', import.meta.url))
  await expect(sampleRequests()).toMatchFileSnapshot(path)
})
