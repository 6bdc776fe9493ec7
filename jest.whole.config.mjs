import ordinary from './jest.config.mjs';

/** Tests that run the whole program again and again: minutes of them. */
export default {
  ...ordinary,
  testMatch: ['<rootDir>/{services,tests}/*/src/**/*.whole.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
