import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A change of one file of the sources: `after` in the place of `before`, and `more` at the end. */
interface Change {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly more: string;
}

/**
 * FerretDB 1.24 looks an `_id` up only where nothing else is asked for; for any other filter, and for several ids, it reads and decodes the whole
 * collection. A page of 250 events came to a minute of processor time that way, and its clients took the server for gone. MongoDB
 * looks up all of these by its index. What is found is filtered again in any case, so all that changes is how much is read.
 */
const lookingUp: Change = {
  file: 'internal/backends/sqlite/collection.go',
  before: `	if params.Filter.Len() == 1 {
		v, _ := params.Filter.Get("_id")
		switch v.(type) {
		case string, types.ObjectID:
			whereClause = fmt.Sprintf(\` WHERE %s = ?\`, metadata.IDColumn)
			args = []any{string(must.NotFail(sjson.MarshalSingleValue(v)))}
		}
	}
`,
  after: `	if ids := idsIn(params.Filter); ids != nil {
		whereClause = fmt.Sprintf(\` WHERE %s IN (?%s)\`, metadata.IDColumn, strings.Repeat(", ?", len(ids)-1))
		for _, id := range ids {
			args = append(args, string(must.NotFail(sjson.MarshalSingleValue(id))))
		}
	}
`,
  more: `
// idsIn returns the ids that a filter asks for by equality or $in; nil where it does not, or not for these alone.
func idsIn(filter *types.Document) []any {
	v, _ := filter.Get("_id")
	switch v := v.(type) {
	case string, types.ObjectID:
		return []any{v}
	case *types.Document:
		in, _ := v.Get("$in")
		array, ok := in.(*types.Array)
		if !ok || array.Len() == 0 {
			return nil
		}
		var ids []any
		for i := 0; i < array.Len(); i++ {
			id, ok := must.NotFail(array.Get(i)).(string)
			if !ok {
				return nil
			}
			ids = append(ids, id)
		}
		return ids
	}
	return nil
}
`,
};

/**
 * Each document that an update found keeps its connection to SQLite until the whole request is done; there are 100, and the 101st update of a
 * request waited for ever for the next. It came with more than a hundred changed documents in one batch of read models, now and then.
 */
const updating: Change = {
  file: 'internal/handler/msg_update.go',
  before: `		result, err := common.UpdateDocument(ctx, c, "update", iter, &u)
`,
  after: `		result, err := common.UpdateDocument(ctx, c, "update", iter, &u)
		closer.Close()
`,
  more: '',
};

/** Changes the sources in this directory. @throws {Error} when they are not those it was written for */
export const mend = async (source: string): Promise<void> => {
  for (const { file, before, after, more } of [lookingUp, updating]) {
    const path = join(source, file);
    const text = await readFile(path, 'utf8');
    if (text.split(before).length !== 2) throw new Error(`${file} is not as it was in FerretDB 1.24.2.`);
    await writeFile(path, text.replace(before, () => after) + more);
  }
};
