/** The architecture, executable. Arrows point down only; parts on one row never import each other. */
const parts = ['policies', 'admissions', 'generators', 'formats', 'latency', 'engine', 'analysis', 'reports']

module.exports = {
  forbidden: [
    {
      name: 'core-stands-alone',
      comment: 'core holds the words all parts share; if it knew a part, every part would know that part.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '^src/(?!core/)' },
    },
    ...parts.map((part) => ({
      name: `${part}-knows-core-only`,
      comment: `A part can be added, replaced or tested alone only while ${part} imports core and its own folder, nothing else of ours.`,
      severity: 'error',
      from: { path: `^src/${part}/` },
      to: { path: `^src/(?!core/|${part}/)` },
    })),
    {
      name: 'experiments-do-not-know-the-cli',
      comment:
        'The library and the command line are two doors to the same experiments; neither may lean on the other.',
      severity: 'error',
      from: { path: '^src/experiments/' },
      to: { path: '^src/(cli/|index\\.ts)' },
    },
    {
      name: 'cli-reaches-parts-through-experiments',
      comment:
        'Parts meet in experiments; a command that ran the engine itself could not be reached from the library.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/(engine|analysis)/' },
    },
    {
      name: 'testing-is-a-door',
      comment:
        'What checks policies is for the tests of their authors: nothing that runs experiments may need it.',
      severity: 'error',
      from: { path: '^src/(?!testing/)' },
      to: { path: '^src/testing/' },
    },
    {
      name: 'testing-needs-the-engine-only',
      comment:
        'A policy is checked as the engine calls it, and found by the name the command line knows it by, without traces and reports.',
      severity: 'error',
      from: { path: '^src/testing/' },
      to: { path: '^src/(?!testing/|core/|engine/|policies/|experiments/(policies|admission)\\.ts)' },
    },
    {
      name: 'no-cycles',
      comment: 'Two modules that import each other are one module, or hide a third.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-development-packages-in-src',
      comment:
        'An installed cachesim has only its dependencies; optional peers are loaded where they are used, and their absence is said.',
      severity: 'error',
      from: { path: '^(src|bin)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only', 'npm-peer'],
      },
    },
    {
      name: 'files-are-read-in-formats-and-cli-only',
      comment: 'Engine, policies, analysis and reports are pure: same arguments, same results, no disk.',
      severity: 'error',
      from: { path: '^src/(core|policies|admissions|generators|latency|engine|analysis|reports)/' },
      to: { dependencyTypes: ['core'], path: '^(node:)?(fs|fs/promises|process|child_process|net|http)$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
