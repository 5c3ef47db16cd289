/** Runs of each property test. EKS_GET_TOKEN_TEST_PROPERTY_RUNS sets more. */
export const PROPERTY_RUNS = Number(process.env.EKS_GET_TOKEN_TEST_PROPERTY_RUNS ?? 20)

/** In milliseconds, for a busy machine. */
export const PROPERTY_TIMEOUT = 60_000 + 1000 * PROPERTY_RUNS
