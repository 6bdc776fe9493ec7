-- English stems and no stop words, as FTS5's porter tokenizer has it: who asks for "not" finds it. What comes in are words and
-- numbers already (see words.ts), so only these kinds of token are mapped.
create text search dictionary {schema}.stem (template = pg_catalog.snowball, language = english);
create text search configuration {schema}.words (parser = pg_catalog."default");
alter text search configuration {schema}.words
  add mapping for asciiword, word, numword, int, uint, float, sfloat with {schema}.stem;
