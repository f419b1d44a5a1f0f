"""The API: one department's applications for one department's systems."""
