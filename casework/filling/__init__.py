"""結果をファイルで入れる: a table of cases goes out, is filled in, and comes back as decisions."""
