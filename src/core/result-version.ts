/** The version of the result's shape, in every saved result. In a file of its own, so that writing it loads no schema. */
export const RESULT_SCHEMA = 'cachesim/result/1'
