select node_id, document from {schema}.nodes where node_id = any ($1::text[])
