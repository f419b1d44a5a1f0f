"""The page editor without its cards: every setting of every item is put into the page, as a StreamField does."""
