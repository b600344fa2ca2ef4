/*
 * The other side of `threads.ts`: a thread that is given tasks, one at a time, and says what they came to.
 */
import { parentPort } from 'node:worker_threads'
import { InputError } from '../core/errors.ts'

/** What a thread says. */
export type ThreadMessage<Done> =
  | { readonly kind: 'progress'; readonly requests: number }
  | { readonly kind: 'done'; readonly done: Done }
  | {
      readonly kind: 'failed'
      readonly message: string
      readonly stack: string | undefined
      /** The user's mistake, not ours. */
      readonly isInput: boolean
    }

/**
 * Answers what this thread is given.
 * @param run a task; told how many requests are done since it was last told
 */
export function answerTasks<Task, Done>(
  run: (task: Task, onProgress: (requests: number) => void) => Promise<Done>,
): void {
  const port = parentPort!
  const say = (message: ThreadMessage<Done>) => port.postMessage(message)
  port.on('message', async (task: Task) => {
    try {
      const done = await run(task, (requests) => say({ kind: 'progress', requests }))
      say({ kind: 'done', done })
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      say({
        kind: 'failed',
        message: error.message,
        stack: error.stack,
        isInput: error instanceof InputError,
      })
    }
  })
}
