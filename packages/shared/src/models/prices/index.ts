export { costOf, type Measure, type PriceTable, priceTable, type TokenCounts } from './price-table.ts';
export { type ModelPrice, type ModelPriceInput, modelPrice } from './schema.ts';
