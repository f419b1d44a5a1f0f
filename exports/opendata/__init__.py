"""オープンデータ: what the municipality publishes of its procedures, without a word about any resident."""
