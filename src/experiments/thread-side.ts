/*
 * The other side of `threads.ts`: a thread that is given tasks, one at a time, and says what they came to.
 */
import { parentPort } from 'node:worker_threads'
import { packError, type SentError } from './sent-error.ts'
import { keepManners } from './thread-manners.ts'

/** What a thread says. */
export type ThreadMessage<Done> =
  | { readonly kind: 'progress'; readonly requests: number }
  | { readonly kind: 'done'; readonly done: Done }
  | { readonly kind: 'failed'; readonly error: SentError }

/**
 * Answers what this thread is given.
 * @param run a task; told how many requests are done since it was last told
 */
export function answerTasks<Task, Done>(
  run: (task: Task, onProgress: (requests: number) => void) => Promise<Done>,
): void {
  keepManners()
  const port = parentPort!
  const say = (message: ThreadMessage<Done>) => port.postMessage(message)
  port.on('message', async (task: Task) => {
    try {
      const done = await run(task, (requests) => say({ kind: 'progress', requests }))
      say({ kind: 'done', done })
    } catch (error) {
      say({ kind: 'failed', error: packError(error) })
    }
  })
}
