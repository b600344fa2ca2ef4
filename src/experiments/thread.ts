import { stderr } from 'node:process'
import { type ResourceLimits, Worker } from 'node:worker_threads'

/*
 * Threads of our own, on which policies of others may run. How they behave there is in `thread-manners.ts`.
 */

/** Threads are started from JavaScript: from the sources of this package there are none. */
export const CAN_START = import.meta.url.endsWith('.js')

/** Starts a module as a thread, which prints nothing to standard output: that is for results. */
export function startThread(file: URL, workerData: unknown, resourceLimits: ResourceLimits = {}): Worker {
  const worker = new Worker(file, { workerData, resourceLimits, stdout: true })
  worker.stdout.on('data', (chunk) => stderr.write(chunk))
  // Whoever waits for an answer hears of an error; in between nobody does.
  worker.on('error', () => {})
  return worker
}
