import type { ReportDefinition } from '../core/report.ts'

/** The result itself, as it is saved and read again: numbers in full, keys in the order they have. */
const json: ReportDefinition = {
  name: 'json',
  summary: 'the whole result; every other report can be made from it again',
  extension: 'json',
  commands: ['compare', 'sweep', 'inspect', 'bench', 'simulate'],
  render(result) {
    return `${JSON.stringify(result, null, 2)}\n`
  },
}
export default json
