export { memoryPlatform, type MemoryPlatform, type MemoryPlatformOptions } from "./memory-platform.js";
export { testLambda, type TestLambda, type TestLambdaOptions } from "./test-lambda.js";
