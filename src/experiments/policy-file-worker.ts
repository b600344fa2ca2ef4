/*
 * The other side of `describePolicyFile`: a thread that loads one file and says what policy is in it.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { loadPolicyFile, type PolicyFileMessage, type PolicyPath } from './policy-file.ts'
import { packError } from './sent-error.ts'
import { keepManners } from './thread-manners.ts'

keepManners()
const say = (message: PolicyFileMessage) => parentPort!.postMessage(message)
try {
  const { digest, definition } = await loadPolicyFile(workerData as PolicyPath)
  const { create: _, ...description } = definition
  say({ kind: 'found', digest, description })
} catch (error) {
  say({ kind: 'failed', error: packError(error) })
}
