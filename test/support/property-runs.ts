/** Runs of each property test. EKS_GET_TOKEN_TEST_PROPERTY_RUNS sets more. */
export const PROPERTY_RUNS = Number(process.env.EKS_GET_TOKEN_TEST_PROPERTY_RUNS ?? 100)
