"""Files that a spreadsheet program opens: every cell is the text that was written."""
