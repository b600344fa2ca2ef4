import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { policies } from '../../src/policies/index.ts'

it('docs/fidelity.md says of every policy what it is held against', () => {
  const text = readFileSync(new URL('../../docs/fidelity.md', import.meta.url), 'utf8')
  const said = new Set(
    Array.from(
      text.matchAll(/`([^`(]+)(?:\([^`]*\))?`|\*\*([^*]+)\*\*/g),
      ([, code, bold]) => code ?? bold!,
    ).flatMap((names) => names.split(', ').map((name) => name.replace(/\(.*\)/, ''))),
  )
  expect(policies.names.filter((name) => !said.has(name))).toEqual([])
})
