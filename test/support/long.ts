/** `short` in `npm test`, `long` where `TEST_LONG=1` (.ci/run): for tests that say more the longer they run. */
export const inShortOrLong = (short: number, long: number): number => (process.env["TEST_LONG"] === "1" ? long : short)
