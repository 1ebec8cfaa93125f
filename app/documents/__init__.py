"""Values in, bytes and words out: codes, posters, workbooks, charts, sentences."""
