import ordinary from './jest.config.mjs';

/** Tests against real servers, one file at a time. */
export default {
  ...ordinary,
  testMatch: [
    '<rootDir>/{packages,services}/*/src/**/*.distributed.test.ts',
    '<rootDir>/{infra,tests}/**/*.distributed.test.ts',
  ],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 240_000,
};
