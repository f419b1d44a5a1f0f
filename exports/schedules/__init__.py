"""定期出力: an export by a template, made at its time and brought to its place."""
