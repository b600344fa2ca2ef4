import { workerData } from 'node:worker_threads'
import { findPolicy } from '../policies.ts'
import { answerTasks } from '../thread-side.ts'
import { findPackages } from './packages.ts'
import { type Contestant, Runner, type RunRequest, type RunResult } from './runner.ts'
import type { RunnerTask } from './runner-thread.ts'

// A thread with a heap and an optimiser of its own, in which some contestants run and no others ever did.

const { trace, outcomes, contestants } = workerData as RunnerTask

async function open(): Promise<Runner> {
  const found: Contestant[] = []
  for (const contestant of contestants) {
    if (contestant.kind === 'policy') found.push(await findPolicy(contestant.origin))
    else found.push((await findPackages()).found.find(({ name }) => name === contestant.name)!)
  }
  return new Runner(trace, outcomes, found)
}

// What cannot be opened is told as the answer to the first request.
let runner: Promise<Runner> | undefined
answerTasks<RunRequest, RunResult>(async (request) => {
  runner ??= open()
  return (await runner).run(request)
})
